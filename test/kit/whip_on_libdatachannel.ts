import { Buffer } from "node:buffer";
import * as ndc from "node-datachannel";
import type { EncodedUnit } from "./ffmpeg.ts";
import {
  connected,
  hold,
  openConnection,
  receiveInto,
  sendByPacketizer,
  sendInRealTime,
} from "./libdatachannel.ts";
import { RtpCollector } from "./rtp_collector.ts";

/** A WHIP and WHEP endpoint without the server under test: it proves that the kit's clients are right by themselves. */
export interface LibdatachannelEndpoint {
  readonly whipUrl: string;
  readonly whepUrl: string;
  /** What the last publisher sent. */
  readonly video: RtpCollector;
  readonly audio: RtpCollector;
  /** Offers as they came. */
  readonly offers: string[];
  close(): Promise<void>;
}

/** Answers publishers by collecting, and viewers by sending the given clip once. */
export function openEndpoint(clip: { video: EncodedUnit[]; audio: EncodedUnit[] }): LibdatachannelEndpoint {
  const collectors = { video: new RtpCollector("MPEG4/ISO/AVC"), audio: new RtpCollector("OPUS") };
  const connections: ndc.PeerConnection[] = [];
  const offers: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (request.method === "DELETE") return new Response(null, { status: 200 });
    const offer = await request.text();
    offers.push(offer);
    const connection = openConnection("endpoint");
    connections.push(connection);
    if (request.url.endsWith("/whip")) acceptPublisher(connection, collectors);
    else acceptViewer(connection, offer, clip);
    const sdp = await answer(connection, offer);
    const headers = { "content-type": "application/sdp", location: `/session/${connections.length}` };
    return new Response(sdp, { status: 201, headers });
  });
  const baseUrl = `http://127.0.0.1:${server.addr.port}`;
  return {
    whipUrl: `${baseUrl}/whip`,
    whepUrl: `${baseUrl}/whep`,
    ...collectors,
    offers,
    close: async () => {
      connections.forEach((connection) => connection.close());
      await server.shutdown();
    },
  };
}

function acceptPublisher(
  connection: ndc.PeerConnection,
  collectors: { video: RtpCollector; audio: RtpCollector },
) {
  connection.onTrack((track) => {
    receiveInto(hold(track), track.type() === "video" ? collectors.video : collectors.audio);
  });
}

function acceptViewer(
  connection: ndc.PeerConnection,
  offer: string,
  clip: { video: EncodedUnit[]; audio: EncodedUnit[] },
) {
  const tracks = [
    addSendingTrack(connection, offer, "audio", clip.audio),
    addSendingTrack(connection, offer, "video", clip.video),
  ];
  connected(connection).then(() => sendInRealTime(tracks));
}

function addSendingTrack(
  connection: ndc.PeerConnection,
  offer: string,
  kind: "audio" | "video",
  units: EncodedUnit[],
) {
  const [, payloadType, mid] = new RegExp(`m=${kind} \\d+ \\S+ (\\d+)[^]*?a=mid:(\\S+)`).exec(offer)!;
  const media = kind === "audio" ? new ndc.Audio(mid, "SendOnly") : new ndc.Video(mid, "SendOnly");
  if (media instanceof ndc.Audio) media.addOpusCodec(Number(payloadType));
  else media.addH264Codec(Number(payloadType));
  const ssrc = kind === "audio" ? 2001 : 2002;
  media.addSSRC(ssrc, "endpoint", "stream", kind);
  const track = hold(connection.addTrack(media));
  const clock = sendByPacketizer(
    track,
    kind === "audio" ? "OPUS" : "H264",
    ssrc,
    Number(payloadType),
    kind === "audio" ? 48000 : 90000,
  );
  return { units, track, clock };
}

async function answer(connection: ndc.PeerConnection, offer: string): Promise<string> {
  connection.setRemoteDescription(offer, "offer");
  connection.setLocalDescription("answer");
  while (connection.gatheringState() !== "complete") await new Promise((resolve) => setTimeout(resolve, 10));
  return Buffer.from(connection.localDescription()!.sdp).toString();
}
