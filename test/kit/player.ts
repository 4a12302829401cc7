import type { FrameMedia, PlaySpec, Program, ProgramEvent, StreamFormat } from "../../src/frame/mod.ts";
import { readFrameCounter } from "./clip.ts";
import { type DecodableCodec, decodeAudioEnergy, decodeVideo } from "./ffmpeg.ts";
import type { FramePeer } from "./frame_peer.ts";
import { openProgram, type ProgramUnderTest } from "./frame_program.ts";

/** A `play` program with the test standing in for the packet plane. */
export interface PlayerUnderTest extends ProgramUnderTest {
  /** The stream of a kind, once the player has said that it sends one. */
  streamOf(media: FrameMedia): { ssrc: number; format: StreamFormat } | null;
  states(): string[];
  eventsOf<T extends ProgramEvent["type"]>(type: T): Extract<ProgramEvent, { type: T }>[];
  /** Until an event has come; until what was sent is here too, where it is the end of the stream. */
  untilEvent(type: ProgramEvent["type"], limitMs?: number, count?: number): Promise<void>;
  /** Decoded pictures that came, by an FFmpeg of the test's own. */
  pictures(): ShownPicture[];
  /** 20 ms of sound each. */
  sounds(): HeardSound[];
}

export interface ShownPicture {
  /** The burnt-in counter, null where it cannot be read. */
  counter: number | null;
  width: number;
  /** Wall time by the stream's sender reports, in ms since the Unix epoch. */
  ntpMs: number;
  timestamp: number;
  atMs: number;
}

export interface HeardSound {
  energy: number;
  ntpMs: number;
  timestamp: number;
  atMs: number;
}

/** Opens a player; what the specification does not say is what a permissive operator would. */
export async function openPlayer(uri: string, spec: Partial<PlaySpec> = {}): Promise<PlayerUnderTest> {
  const mediaDir = spec.mediaDir ?? "/tmp";
  const open = await openProgram({
    kind: "play",
    uri,
    allowedSchemes: ["file", "http", "https", "rtsp", "rtsps", "rtmp", "srt"],
    mediaDir,
    allowPrivateHosts: true,
    networkCacheMs: 2000,
    loop: false,
    reconnect: true,
    useEncodedMedia: false,
    ...spec,
  }, mediaDir);
  return { ...open, ...viewOf(open) };
}

function viewOf({ program, peer, events }: ProgramUnderTest) {
  const eventsOf = <T extends ProgramEvent["type"]>(type: T) =>
    events.filter((event): event is Extract<ProgramEvent, { type: T }> => event.type === type);
  const streamOf = (media: FrameMedia) =>
    eventsOf("stream").findLast((event) => event.media === media) ?? null;
  const ntpOf = (ssrc: number, clockRate: number) => {
    const report = peer.rtcp.find((bytes) =>
      bytes[1] === 200 && new DataView(bytes.buffer).getUint32(4) === ssrc
    );
    if (!report) return () => NaN;
    const view = new DataView(report.buffer);
    const ntpMs = view.getUint32(8) * 1000 + view.getUint32(12) / 2 ** 32 * 1000 - 2_208_988_800_000;
    const timestamp = view.getUint32(16);
    return (stamp: number) => ntpMs + ((stamp - timestamp) | 0) / clockRate * 1000;
  };
  const pictures = () => {
    const stream = streamOf("video");
    if (!stream) return [];
    const frames = peer.frames(stream.format.codec, stream.ssrc);
    const decoded = decodeVideo(frames.map(({ bytes }) => bytes), stream.format.codec as DecodableCodec);
    const ntp = ntpOf(stream.ssrc, 90_000);
    return decoded.map(({ pixels, ...size }, index) => ({
      counter: readFrameCounter(pixels, size),
      width: size.width,
      ntpMs: ntp(frames[index].timestamp),
      timestamp: frames[index].timestamp,
      atMs: frames[index].atMs,
    }));
  };
  const sounds = () => {
    const stream = streamOf("audio");
    if (!stream) return [];
    const packets = peer.of(stream.ssrc);
    const ntp = ntpOf(stream.ssrc, 48_000);
    const energies = decodeAudioEnergy(packets.map(({ payload }) => payload));
    return packets.map(({ timestamp, atMs }, index) => ({
      energy: energies[index],
      ntpMs: ntp(timestamp),
      timestamp,
      atMs,
    }));
  };
  return {
    eventsOf,
    streamOf,
    states: () => eventsOf("state").map(({ state }) => state),
    untilEvent: async (type: ProgramEvent["type"], limitMs = 10_000, count = 1) => {
      await peer.until(`${count} × ${type}`, () => eventsOf(type).length >= count, limitMs);
      if (type === "endOfStream") await untilAllIsHere(program, peer);
    },
    pictures,
    sounds,
  };
}

/** Until this process has read what was sent: a busy machine lets it wait. */
async function untilAllIsHere(program: Program, peer: FramePeer): Promise<void> {
  const { outputs } = await program.call("stats") as { outputs: { ssrc: number; packetsSent: number }[] };
  await peer.until("all packets", () => outputs.every((o) => peer.of(o.ssrc).length >= o.packetsSent));
}
