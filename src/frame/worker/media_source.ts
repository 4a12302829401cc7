import { lookup } from "node:dns/promises";
import {
  AV_CODEC_ID_NONE,
  AV_DISPOSITION_ATTACHED_PIC,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
} from "node-av/constants";
import { Dictionary, FormatContext, type Packet, type Stream } from "node-av/lib";
import type { PlaySpec } from "../types.ts";
import { faultOf, MediaFault } from "./media_fault.ts";
import { isPrivateAddress, type MediaUri, readMediaUri } from "./media_uri.ts";

const NETWORK_LIMIT_MS = 10_000;
const MICROSECONDS = 1e6;

/** One opened file or network stream. */
export class MediaSource {
  readonly isLive: boolean;
  readonly video: Stream | null;
  readonly audio: Stream | null;
  /** 0 where it is unknown. */
  readonly durationMs: number;
  /** First time stamp in seconds. */
  readonly startSeconds: number;
  readonly #format: FormatContext;
  #closed = false;

  private constructor(format: FormatContext, isLive: boolean) {
    this.#format = format;
    this.isLive = isLive;
    this.video = best(format, AVMEDIA_TYPE_VIDEO);
    this.audio = best(format, AVMEDIA_TYPE_AUDIO);
    this.durationMs = format.duration > 0n ? Number(format.duration) / 1000 : 0;
    const start = Number(format.startTime) / MICROSECONDS;
    this.startSeconds = Math.abs(start) < 1e9 ? start : 0;
  }

  /** Throws MediaFault. */
  static async open(spec: PlaySpec): Promise<MediaSource> {
    const uri = readMediaUri(spec);
    if (uri.host !== "" && !spec.allowPrivateHosts) await refusePrivate(uri.host);
    const format = new FormatContext();
    const options = Dictionary.fromObject(optionsOf(uri, spec));
    try {
      const opened = await format.openInput(uri.url, null, options);
      if (opened < 0) throw faultOf(opened, `open the ${uri.scheme} source`, "RESOURCE_ERROR_OPEN");
    } finally {
      options.free();
    }
    return await MediaSource.#examine(format, uri);
  }

  static async #examine(format: FormatContext, uri: MediaUri): Promise<MediaSource> {
    const found = await format.findStreamInfo(null);
    const source = new MediaSource(format, uri.isLive);
    if (found >= 0 && (source.video || source.audio)) return source;
    await source.close();
    if (found < 0) throw faultOf(found, `read the ${uri.scheme} source`, "INVALID_MEDIA");
    throw new MediaFault(
      "INVALID_MEDIA",
      `Cannot play the ${uri.scheme} source: it has neither audio nor video`,
    );
  }

  get isSeekable(): boolean {
    return !this.isLive && this.durationMs > 0;
  }

  /** Reads the next packet; false at the end. Throws MediaFault RESOURCE_ERROR_READ. */
  async read(packet: Packet): Promise<boolean> {
    const code = await this.#format.readFrame(packet);
    if (code === AVERROR_EOF) return false;
    if (code < 0) throw faultOf(code, "read on", "RESOURCE_ERROR_READ");
    return true;
  }

  /** Goes to the keyframe at or before `positionMs` from the start; false where that cannot be. */
  async seek(positionMs: number): Promise<boolean> {
    const at = BigInt(Math.round((this.startSeconds + positionMs / 1000) * MICROSECONDS));
    return await this.#format.seekFrame(-1, at, AVSEEK_FLAG_BACKWARD) >= 0;
  }

  /** Ends a read that waits for the network. */
  interrupt(): void {
    if (!this.#closed) this.#format.interrupt();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#format.closeInput();
  }
}

/** The best stream of a kind that is no picture of a cover. */
function best(format: FormatContext, type: number): Stream | null {
  const index = format.findBestStream(type as typeof AVMEDIA_TYPE_VIDEO);
  const stream = format.streams.find((candidate) => candidate.index === index);
  if (!stream || stream.codecpar.codecId === AV_CODEC_ID_NONE) return null;
  return stream.hasDisposition(AV_DISPOSITION_ATTACHED_PIC) ? null : stream;
}

async function refusePrivate(host: string): Promise<void> {
  let addresses: { address: string }[];
  try {
    addresses = await lookup(host, { all: true });
  } catch {
    throw new MediaFault("RESOURCE_ERROR_OPEN", `Cannot play from "${host}": the name has no address`);
  }
  if (addresses.some(({ address }) => isPrivateAddress(address))) {
    throw new MediaFault(
      "INVALID_URI",
      `Cannot play from "${host}": it is in a private network, allow those to do so`,
    );
  }
}

function optionsOf(uri: MediaUri, spec: PlaySpec): Record<string, string> {
  const limit = String(NETWORK_LIMIT_MS * 1000);
  const options: Record<string, string> = { protocol_whitelist: uri.protocols };
  if (uri.scheme.startsWith("rtsp")) Object.assign(options, { rtsp_transport: "tcp", timeout: limit });
  else if (uri.scheme !== "file") options.rw_timeout = limit;
  if (uri.isLive) {
    const delay = String(spec.networkCacheMs * 1000);
    Object.assign(options, { max_delay: delay, probesize: "500000", analyzeduration: "1000000" });
  }
  // Who is led to another host has not been looked at.
  if (uri.scheme.startsWith("http") && !spec.allowPrivateHosts) options.max_redirects = "0";
  return options;
}
