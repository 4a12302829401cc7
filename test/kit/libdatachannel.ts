import { Buffer } from "node:buffer";
import * as ndc from "node-datachannel";
import type { EncodedUnit } from "./ffmpeg.ts";
import { RtpCollector } from "./rtp_collector.ts";
import { deleteSession, postOffer } from "./whip_client.ts";

/** Codecs that libdatachannel puts into RTP and that the kit has tracks for. */
export type KitCodec = "H264" | "H265";

/** Codecs that a viewer of the kit takes. */
export type WatchedCodec = KitCodec | "VP8" | "VP9" | "AV1";
export type WatchedAudioCodec = "OPUS" | "PCMU" | "PCMA";

/** What a libdatachannel publisher sends: an H264 or H265 clip in Annex B and 20 ms Opus frames, both once from start to end. */
export interface PublishOptions {
  whipUrl: string;
  video: EncodedUnit[];
  audio: EncodedUnit[];
  /** What `video` is; H264 when absent. */
  codec?: KitCodec;
  ice?: IceChoice;
}

/** How a connection reaches the server, where the kit's way (direct, on loopback) is not wanted. */
export interface IceChoice {
  configuration?: Partial<ndc.RtcConfig>;
  /** Changes the offer on its way out, in place of leaving its candidates out. */
  offer?: (sdp: string) => string;
  /** Changes the answer on its way in. */
  answer?: (sdp: string) => string;
}

export interface LibdatachannelPublisher {
  readonly location: string;
  /** libdatachannel's own word: connected, failed, … */
  state(): string;
  /** Resolves when the last unit has been sent. */
  finished: Promise<void>;
  /** Sends one more picture now, whatever the time is. */
  sendVideo(unit: EncodedUnit): void;
  /** Keyframes asked for by PLI cannot be had: like OBS, this publisher follows its own interval. */
  close(): Promise<void>;
}

export interface LibdatachannelViewer {
  readonly location: string;
  readonly video: RtpCollector;
  readonly audio: RtpCollector;
  state(): string;
  /** Sends a PLI, as a decoder that lost its reference would. */
  requestKeyframe(): void;
  close(): Promise<void>;
}

export const H264_FMTP = "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1";
const VIDEO_PAYLOAD_TYPE = 96;
/** Beside H264 on the same m-line. */
const VP8_PAYLOAD_TYPE = 98;
const AUDIO_PAYLOAD_TYPE = 111;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Publishes like OBS: sendonly, audio before video, no candidates in the offer (the server must learn them from the
 * checks), no trickle, 1200 byte packets, sender reports and a NACK responder.
 */
export async function publish(options: PublishOptions): Promise<LibdatachannelPublisher> {
  const connection = openConnection("publisher", options.ice?.configuration);
  const cname = "kit";
  const audio = new ndc.Audio("0", "SendOnly");
  audio.addOpusCodec(AUDIO_PAYLOAD_TYPE);
  audio.addSSRC(1001, cname, "stream", "audio");
  const codec = options.codec ?? "H264";
  const video = new ndc.Video("1", "SendOnly");
  addVideoCodec(video, codec);
  video.addSSRC(1002, cname, "stream", "video");
  const audioTrack = hold(connection.addTrack(audio));
  const videoTrack = hold(connection.addTrack(video));
  const audioClock = sendByPacketizer(audioTrack, "OPUS", 1001, AUDIO_PAYLOAD_TYPE, 48000);
  const videoClock = sendByPacketizer(videoTrack, codec, 1002, VIDEO_PAYLOAD_TYPE, 90000);
  const videoStart = videoClock.timestamp;
  const location = await negotiate(connection, options.whipUrl, options.ice);
  await connected(connection);
  const pace = sendInRealTime([
    { units: options.audio, track: audioTrack, clock: audioClock },
    { units: options.video, track: videoTrack, clock: videoClock },
  ]);
  return {
    location,
    state: () => connection.state(),
    finished: pace.finished,
    sendVideo: (unit) => sendUnit({ units: [], track: videoTrack, clock: videoClock }, videoStart, unit),
    close: async () => {
      pace.stop();
      await endSession(connection, location);
    },
  };
}

/** What a viewer takes; H264 and Opus when absent. */
export interface WatchOptions {
  whepUrl: string;
  codec?: WatchedCodec;
  audioCodec?: WatchedAudioCodec;
  ice?: IceChoice;
}

/** Watches a WHEP endpoint with one audio and one video m-line and keeps what comes. */
export async function watch(
  options: WatchOptions,
): Promise<LibdatachannelViewer> {
  const codec = options.codec ?? "H264";
  const connection = openConnection("viewer", options.ice?.configuration);
  const audio = new ndc.Audio("0", "RecvOnly");
  addAudioCodec(audio, options.audioCodec ?? "OPUS");
  const video = new ndc.Video("1", "RecvOnly");
  addVideoCodec(video, codec);
  const audioTrack = hold(connection.addTrack(audio));
  const videoTrack = hold(connection.addTrack(video));
  const collectors = { audio: new RtpCollector("OPUS"), video: new RtpCollector(depacketizers[codec]) };
  receiveInto(audioTrack, collectors.audio);
  receiveInto(videoTrack, collectors.video);
  const location = await negotiate(connection, options.whepUrl, options.ice);
  await connected(connection);
  return {
    location,
    ...collectors,
    state: () => connection.state(),
    requestKeyframe: () => void videoTrack.requestKeyframe(),
    close: () => endSession(connection, location),
  };
}

/** The video of a viewer who takes H264 and VP8: the packets of each. */
export interface EitherVideo {
  readonly h264: RtpCollector;
  readonly vp8: RtpCollector;
}

/** Watches a WHEP endpoint with one video m-line that takes H264 and VP8, in this order. */
export async function watchEither(whepUrl: string): Promise<EitherVideo & { close(): Promise<void> }> {
  const connection = openConnection("viewer");
  const video = receiveEither(connection);
  const location = await negotiate(connection, whepUrl);
  await connected(connection);
  return { ...video, close: () => endSession(connection, location) };
}

/** Gives a connection its one m-line: video in H264 or VP8, in this order. */
export function receiveEither(connection: ndc.PeerConnection): EitherVideo {
  const video = new ndc.Video("0", "RecvOnly");
  video.addH264Codec(VIDEO_PAYLOAD_TYPE, H264_FMTP);
  video.addVP8Codec(VP8_PAYLOAD_TYPE);
  const h264 = new RtpCollector(depacketizers.H264);
  const vp8 = new RtpCollector(depacketizers.VP8);
  receiveInto(hold(connection.addTrack(video)), {
    take: (packet) => ((packet[1] & 127) === VP8_PAYLOAD_TYPE ? vp8 : h264).take(packet),
  });
  return { h264, vp8 };
}

/** werift's names. */
const depacketizers = { H264: "MPEG4/ISO/AVC", H265: "H265", VP8: "VP8", VP9: "VP9", AV1: "AV1" } as const;

function addVideoCodec(video: ndc.Video, codec: WatchedCodec): void {
  if (codec === "H264") video.addH264Codec(VIDEO_PAYLOAD_TYPE, H264_FMTP);
  else video[`add${codec}Codec`](VIDEO_PAYLOAD_TYPE);
}

const g711PayloadTypes = { PCMU: 0, PCMA: 8 };

function addAudioCodec(audio: ndc.Audio, codec: WatchedAudioCodec): void {
  if (codec === "OPUS") audio.addOpusCodec(AUDIO_PAYLOAD_TYPE);
  else audio.addAudioCodec(g711PayloadTypes[codec], codec);
}

const held = new Set<ndc.Track>();

/** A track stops when its JavaScript wrapper is collected, whatever the connection does; so it is kept for good. */
export function hold(track: ndc.Track): ndc.Track {
  held.add(track);
  return track;
}

/** A connection that stays on loopback and negotiates only when told. */
export function openConnection(name: string, configuration: Partial<ndc.RtcConfig> = {}): ndc.PeerConnection {
  return new ndc.PeerConnection(name, {
    iceServers: [],
    bindAddress: "127.0.0.1",
    disableAutoNegotiation: true,
    mtu: 1280,
    ...configuration,
  });
}

function packetizerOf(codec: KitCodec | "OPUS", clock: ndc.RtpPacketizationConfig): ndc.MediaHandler {
  if (codec === "OPUS") return new ndc.RtpPacketizer(clock);
  const { H264RtpPacketizer, H265RtpPacketizer } = ndc;
  return new (codec === "H264" ? H264RtpPacketizer : H265RtpPacketizer)("StartSequence", clock, 1200);
}

/** Ties a track to libdatachannel's own packetiser, sender reports and NACK responder; returns its RTP clock. */
export function sendByPacketizer(
  track: ndc.Track,
  codec: KitCodec | "OPUS",
  ssrc: number,
  payloadType: number,
  clockRate: number,
): ndc.RtpPacketizationConfig {
  const clock = new ndc.RtpPacketizationConfig(ssrc, "kit", payloadType, clockRate);
  const packetizer = packetizerOf(codec, clock);
  packetizer.addToChain(new ndc.RtcpSrReporter(clock));
  packetizer.addToChain(new ndc.RtcpNackResponder(4000));
  track.setMediaHandler(packetizer);
  return clock;
}

/** Keeps what a track receives; receiver reports are libdatachannel's. */
export function receiveInto(track: ndc.Track, collector: Pick<RtpCollector, "take">): void {
  track.setMediaHandler(new ndc.RtcpReceivingSession());
  track.onMessage((packet) => {
    // RTCP shares the port (RFC 5761 section 4); only media is kept.
    if (packet.length > 12 && !(packet[1] >= 192 && packet[1] <= 223)) collector.take(packet);
  });
}

export interface PacedTrack {
  units: EncodedUnit[];
  track: ndc.Track;
  clock: ndc.RtpPacketizationConfig;
}

/** Sends each unit when its time has come, measured from now; time stamps start where the clock stands. */
export function sendInRealTime(tracks: PacedTrack[]): { finished: Promise<void>; stop(): void } {
  const startMs = performance.now();
  const next = tracks.map(() => 0);
  const firstTimestamp = tracks.map(({ clock }) => clock.timestamp);
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    const nowMs = performance.now() - startMs;
    tracks.forEach((each, i) => {
      const { units } = each;
      for (; next[i] < units.length && units[next[i]].ptsMs <= nowMs; next[i]++) {
        sendUnit(each, firstTimestamp[i], units[next[i]]);
      }
    });
    if (tracks.every(({ units }, i) => next[i] === units.length)) stop();
  }, 5);
  const stop = () => {
    clearInterval(timer);
    resolve();
  };
  return { finished: promise, stop };
}

/** `start` is the RTP time of the clip's beginning. */
function sendUnit({ track, clock }: PacedTrack, start: number, { ptsMs, bytes }: EncodedUnit): void {
  clock.timestamp = (start + Math.round(ptsMs * clock.clockRate / 1000)) >>> 0;
  if (track.isOpen()) track.sendMessageBinary(Buffer.from(bytes));
}

async function negotiate(
  connection: ndc.PeerConnection,
  url: string,
  ice: IceChoice = {},
): Promise<string> {
  connection.setLocalDescription("offer");
  if (ice.offer) await gathered(connection);
  const offer = connection.localDescription();
  if (!offer) throw new Error("Cannot make an offer: libdatachannel has no local description");
  const { answer, location } = await postOffer(url, (ice.offer ?? withoutCandidates)(offer.sdp));
  connection.setRemoteDescription(ice.answer?.(answer) ?? answer, "answer");
  return location;
}

async function gathered(connection: ndc.PeerConnection): Promise<void> {
  const deadlineMs = performance.now() + CONNECT_TIMEOUT_MS;
  while (connection.gatheringState() !== "complete" && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** OBS gathers only after the answer, so its offer names no candidate. */
function withoutCandidates(sdp: string): string {
  return sdp.split("\r\n").filter((line) => !/^a=(candidate|end-of-candidates)/.test(line)).join("\r\n");
}

/** Resolves when ICE and DTLS are through; rejects when libdatachannel gives up or after 10 s. */
export async function connected(connection: ndc.PeerConnection): Promise<void> {
  const deadlineMs = performance.now() + CONNECT_TIMEOUT_MS;
  while (connection.state() !== "connected") {
    const state = connection.state();
    if (state === "failed" || state === "closed" || performance.now() > deadlineMs) {
      throw new Error(
        `Cannot connect by libdatachannel: its state is ${state}, ICE ${connection.iceState()}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function endSession(connection: ndc.PeerConnection, location: string): Promise<void> {
  await deleteSession(location);
  connection.close();
}
