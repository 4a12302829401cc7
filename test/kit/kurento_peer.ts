import * as ndc from "node-datachannel";
import type { EncodedUnit } from "./ffmpeg.ts";
import type { KurentoClient } from "./kurento_client.ts";
import {
  connected,
  type EitherVideo,
  H264_FMTP,
  hold,
  openConnection,
  receiveEither,
  receiveInto,
  sendByPacketizer,
  sendInRealTime,
} from "./libdatachannel.ts";
import { RtpCollector } from "./rtp_collector.ts";

/** Who tells whom of candidates. Descriptions carry none, so that what is not told is not known. */
export type Trickle = "both ways" | "to the server" | "from the server";

/** A libdatachannel connection that a program negotiated with a WebRtcEndpoint by way of Kurento's own client. */
export interface KurentoPeer {
  state(): string;
  close(): void;
}

export interface KurentoPublisher extends KurentoPeer {
  /** Resolves when the last unit has been sent. */
  finished: Promise<void>;
}

export interface KurentoViewer extends KurentoPeer {
  readonly video: RtpCollector;
  readonly audio: RtpCollector;
}

/** Sends an H264 and Opus clip in real time, once, to the endpoint, which answers the offer. */
export async function publishTo(
  client: KurentoClient,
  endpoint: string,
  clip: { video: EncodedUnit[]; audio: EncodedUnit[] },
): Promise<KurentoPublisher> {
  const { connection, tracks } = openWith("SendOnly");
  const [audioClock, videoClock] = [
    sendByPacketizer(tracks.audio, "OPUS", 1001, 111, 48000),
    sendByPacketizer(tracks.video, "H264", 1002, 96, 90000),
  ];
  await offerTo(client, endpoint, connection, "both ways");
  const pace = sendInRealTime([
    { units: clip.audio, track: tracks.audio, clock: audioClock },
    { units: clip.video, track: tracks.video, clock: videoClock },
  ]);
  return {
    finished: pace.finished,
    state: () => connection.state(),
    close: () => {
      pace.stop();
      connection.close();
    },
  };
}

/** Offers to receive from the endpoint, and keeps what comes. */
export async function watchFrom(
  client: KurentoClient,
  endpoint: string,
  trickle: Trickle,
): Promise<KurentoViewer> {
  const { connection, tracks } = openWith("RecvOnly");
  const collectors = newCollectors();
  receiveInto(tracks.audio, collectors.audio);
  receiveInto(tracks.video, collectors.video);
  await offerTo(client, endpoint, connection, trickle);
  return { ...collectors, state: () => connection.state(), close: () => connection.close() };
}

/** Offers to receive H264 or VP8 from the endpoint, without audio, and keeps what comes. */
export async function watchEitherFrom(
  client: KurentoClient,
  endpoint: string,
): Promise<EitherVideo & KurentoPeer> {
  const connection = openConnection("viewer");
  const video = receiveEither(connection);
  await offerTo(client, endpoint, connection, "both ways");
  return { ...video, state: () => connection.state(), close: () => connection.close() };
}

/** Answers an offer of the endpoint, and keeps what comes. */
export async function watchByAnswer(client: KurentoClient, endpoint: string): Promise<KurentoViewer> {
  const connection = openConnection("viewer");
  const collectors = newCollectors();
  connection.onTrack((track) => receiveInto(hold(track), collectors[track.type() as "audio" | "video"]));
  const candidates = localCandidates(connection);
  await client.on(endpoint, "IceCandidateFound");
  connection.setRemoteDescription(bare(await client.call(endpoint, "generateOffer")), "offer");
  connection.setLocalDescription("answer");
  await client.call(endpoint, "processAnswer", bare(connection.localDescription()!.sdp));
  await connectBy(client, endpoint, connection, candidates, "both ways");
  return { ...collectors, state: () => connection.state(), close: () => connection.close() };
}

const newCollectors = () => ({ video: new RtpCollector("MPEG4/ISO/AVC"), audio: new RtpCollector("OPUS") });

function openWith(direction: "SendOnly" | "RecvOnly") {
  const connection = openConnection(direction);
  const audio = new ndc.Audio("0", direction);
  audio.addOpusCodec(111);
  const video = new ndc.Video("1", direction);
  video.addH264Codec(96, H264_FMTP);
  if (direction === "SendOnly") {
    audio.addSSRC(1001, "kit", "stream", "audio");
    video.addSSRC(1002, "kit", "stream", "video");
  }
  const tracks = { audio: hold(connection.addTrack(audio)), video: hold(connection.addTrack(video)) };
  return { connection, tracks };
}

/** In the order of the tutorials: listen, offer, take the answer, gather, and hand on candidates as they come. */
async function offerTo(
  client: KurentoClient,
  endpoint: string,
  connection: ndc.PeerConnection,
  trickle: Trickle,
): Promise<void> {
  const candidates = localCandidates(connection);
  await client.on(endpoint, "IceCandidateFound");
  connection.setLocalDescription("offer");
  const answer = await client.call(endpoint, "processOffer", bare(connection.localDescription()!.sdp));
  connection.setRemoteDescription(bare(answer), "answer");
  await connectBy(client, endpoint, connection, candidates, trickle);
}

interface Candidate {
  candidate: string;
  sdpMid: string;
  sdpMLineIndex: number;
}

/** Calls back with each candidate of libdatachannel, those found before included. */
function localCandidates(connection: ndc.PeerConnection): (take: (candidate: Candidate) => void) => void {
  const found: Candidate[] = [];
  let tell = (candidate: Candidate): void => void found.push(candidate);
  connection.onLocalCandidate((candidate, sdpMid) => tell({ candidate, sdpMid, sdpMLineIndex: 0 }));
  return (take) => {
    tell = take;
    found.splice(0).forEach(take);
  };
}

async function connectBy(
  client: KurentoClient,
  endpoint: string,
  connection: ndc.PeerConnection,
  candidates: (take: (candidate: Candidate) => void) => void,
  trickle: Trickle,
): Promise<void> {
  if (trickle !== "to the server") {
    client.each(endpoint, "IceCandidateFound", ({ candidate: { candidate, sdpMid } }) => {
      if (connection.state() !== "closed") connection.addRemoteCandidate(candidate, sdpMid);
    });
  }
  const told: Promise<unknown>[] = [];
  if (trickle !== "from the server") {
    candidates((candidate) => {
      told.push(client.call(endpoint, "addIceCandidate", { __type__: "IceCandidate", ...candidate }));
    });
  }
  await client.call(endpoint, "gatherCandidates");
  await connected(connection);
  await Promise.all(told);
}

function bare(sdp: string): string {
  return sdp.split(/\r?\n/).filter((line) => !/^a=(candidate|end-of-candidates)/.test(line)).join("\r\n");
}
