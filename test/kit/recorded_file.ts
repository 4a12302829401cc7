import { AV_PIX_FMT_YUV420P, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO, SWS_BILINEAR } from "node-av/constants";
import {
  Codec,
  CodecContext,
  FFmpegError,
  FormatContext,
  Frame,
  InputFormat,
  Packet,
  SoftwareScaleContext,
  type Stream,
} from "node-av/lib";
import { readFrameCounter } from "./clip.ts";

/** One decoded picture of a recorded clip. */
export interface RecordedPicture {
  atMs: number;
  /** The number that is drawn into it; null where it cannot be read. */
  counter: number | null;
  width: number;
  height: number;
}

/** What a player finds in a file: everything is decoded. */
export interface RecordedFile {
  format: string;
  /** As the container says; 0 where it does not. */
  durationMs: number;
  videoCodec: string | null;
  audioCodec: string | null;
  pictures: RecordedPicture[];
  /** Loudness of each millisecond of the file's time from 0, mean of the squares, full scale 1; null where no sample is. */
  loudness: (number | null)[];
  packets: { media: "audio" | "video"; atMs: number; keyframe: boolean; bytes: number }[];
  decodeErrors: number;
}

/** Reads and decodes a file by FFmpeg; `as` names the format where the file does not tell. */
export async function readRecording(path: string, as?: string): Promise<RecordedFile> {
  const format = new FormatContext();
  const input = as === undefined ? null : InputFormat.findInputFormat(as);
  FFmpegError.throwIfError(await format.openInput(path, input), `open ${path}`);
  FFmpegError.throwIfError(await format.findStreamInfo(), `read ${path}`);
  const file: RecordedFile = {
    format: format.iformat?.name ?? "",
    durationMs: format.duration > 0n ? Number(format.duration) / 1000 : 0,
    videoCodec: null,
    audioCodec: null,
    pictures: [],
    loudness: [],
    packets: [],
    decodeErrors: 0,
  };
  const readers = format.streams.map((stream) => new StreamReader(stream, file));
  const packet = new Packet();
  packet.alloc();
  while (await format.readFrame(packet) >= 0) {
    readers[packet.streamIndex].take(packet);
    packet.unref();
  }
  for (const reader of readers) reader.finish();
  packet.free();
  await format.closeInput();
  return file;
}

/** Moments in ms at which silence ends. */
export function beepsOf({ loudness }: RecordedFile): number[] {
  const isLoud = loudness.map((value) => (value ?? 0) > 0.001);
  return isLoud.flatMap((loud, at) =>
    loud && !isLoud.slice(Math.max(0, at - 200), at).includes(true) ? [at] : []
  );
}

class StreamReader {
  readonly #stream: Stream;
  readonly #file: RecordedFile;
  readonly #decoder = new CodecContext();
  readonly #frame = new Frame();
  readonly #isVideo: boolean;

  constructor(stream: Stream, file: RecordedFile) {
    this.#stream = stream;
    this.#file = file;
    this.#isVideo = stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO;
    const codec = Codec.findDecoder(stream.codecpar.codecId)!;
    this.#decoder.allocContext3(codec);
    FFmpegError.throwIfError(this.#decoder.parametersToContext(stream.codecpar), "set up a decoder");
    this.#decoder.pktTimebase = stream.timeBase;
    FFmpegError.throwIfError(this.#decoder.open2Sync(codec, null), "open a decoder");
    this.#frame.alloc();
    if (this.#isVideo) file.videoCodec = codec.name;
    else if (stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO) file.audioCodec = codec.name;
  }

  take(packet: Packet): void {
    this.#file.packets.push({
      media: this.#isVideo ? "video" : "audio",
      atMs: this.#ms(packet.pts),
      keyframe: packet.isKeyframe,
      bytes: packet.size,
    });
    if (this.#decoder.sendPacketSync(packet) < 0) this.#file.decodeErrors++;
    this.#drain();
  }

  finish(): void {
    this.#decoder.sendPacketSync(null);
    this.#drain();
    this.#frame.free();
    this.#decoder.freeContext();
  }

  #drain(): void {
    while (this.#decoder.receiveFrameSync(this.#frame) >= 0) {
      if (this.#isVideo) this.#picture();
      else this.#samples();
      this.#frame.unref();
    }
  }

  #picture(): void {
    const { width, height } = this.#frame;
    const atMs = this.#ms(this.#frame.bestEffortTimestamp);
    if (this.#frame.decodeErrorFlags !== 0) this.#file.decodeErrors++;
    const pixels = this.#frame.format === AV_PIX_FMT_YUV420P ? this.#frame.toBuffer() : planar(this.#frame);
    const counter = readFrameCounter(new Uint8Array(pixels), { width, height });
    this.#file.pictures.push({ atMs, counter, width, height });
  }

  #samples(): void {
    const { nbSamples, sampleRate } = this.#frame;
    const startMs = this.#ms(this.#frame.bestEffortTimestamp);
    const bytes = this.#frame.toBuffer();
    const isFloat = bytes.length >= nbSamples * this.#frame.channels * 4;
    const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    // The first channel: at the beginning where channels are planes, else every other value.
    const values = isFloat ? new Float32Array(copy) : new Int16Array(copy);
    const step = isFloat ? 1 : this.#frame.channels;
    const scale = isFloat ? 1 : 1 / 32_768;
    const perMs = sampleRate / 1000;
    for (let at = 0; at * perMs < nbSamples; at++) {
      let sum = 0;
      const first = Math.floor(at * perMs);
      const last = Math.min(nbSamples, Math.floor((at + 1) * perMs));
      for (let i = first; i < last; i++) sum += (values[i * step] * scale) ** 2;
      const ms = Math.round(startMs + at);
      if (ms >= 0) this.#file.loudness[ms] = sum / Math.max(1, last - first);
    }
  }

  #ms(ticks: bigint): number {
    const { num, den } = this.#stream.timeBase;
    return Number(ticks) * num / den * 1000;
  }
}

function planar(frame: Frame): Uint8Array {
  using made = new Frame();
  made.alloc();
  made.width = frame.width;
  made.height = frame.height;
  made.format = AV_PIX_FMT_YUV420P;
  made.getBuffer(0);
  const scaler = new SoftwareScaleContext();
  scaler.getContext(
    frame.width,
    frame.height,
    frame.format as typeof AV_PIX_FMT_YUV420P,
    frame.width,
    frame.height,
    AV_PIX_FMT_YUV420P,
    SWS_BILINEAR,
  );
  scaler.scaleFrameSync(made, frame);
  scaler.freeContext();
  return new Uint8Array(made.toBuffer());
}
