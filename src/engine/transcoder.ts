import { type Clock, randomUint32, type Timer, toAppError } from "../base/mod.ts";
import type { Program } from "../frame/mod.ts";
import type { MediaPlane } from "./media_plane.ts";
import type { FrameRoom } from "./program_link.ts";
import { ProgramPort } from "./program_port.ts";
import type { OutgoingPad, SourcePad } from "./source_pad.ts";

/** How long an encoder that nobody uses is kept: who changes over often comes back. */
const LINGER_MS = 2000;

/** One encoding of a source. */
export interface Encoding {
  readonly format: string;
  /** The pad that gives it: its element's limits hold for the encoder. */
  readonly giver: OutgoingPad;
  /** Number of its source on the plane. */
  readonly source: number;
  readonly ssrc: number;
  /** Sink pads that it feeds. */
  readonly sinks: Set<string>;
  linger: Timer | null;
  /** The program was asked for it, and has not refused. */
  isAsked: boolean;
}

/** What is known of one encoding. */
export interface EncodingFigures {
  /** The element that gives it. */
  elementId: string;
  ssrc: number;
  kind: "audio" | "video";
  codec: string;
  format: string;
  /** Sink pads that it feeds. */
  sinkCount: number;
  /** What the worker counted: frames since the start, and how long each took from its last packet in to its first out. */
  framesSent?: number;
  framesDropped?: number;
  bitrateBps?: number | null;
  latency?: { medianMs: number; p99Ms: number; count: number } | null;
}

export interface TranscoderHost {
  readonly plane: MediaPlane;
  readonly room: FrameRoom;
  readonly pipelineId: string;
  readonly clock: Clock;
  /** Something is wrong with what it decodes, or encodes for this pad; `kind` is one of Kurento's error kinds. */
  fault(kind: string, description: string, pad: OutgoingPad): void;
  /** It cannot encode this format, or, with null, nothing any more: what it fed must be fed otherwise. */
  lost(format: string | null): void;
  /** It is closed. */
  closed(): void;
}

/** Decodes what leaves one source pad once, and encodes it once for each format that sinks want of one giver. */
export class Transcoder {
  readonly pad: SourcePad;
  readonly #host: TranscoderHost;
  readonly #port: ProgramPort;
  readonly #program: Program;
  readonly #encodings = new Map<string, Encoding>();
  #closed = false;

  /** Throws where the frame room takes no more programs. */
  constructor(pad: SourcePad, host: TranscoderHost) {
    const { plane, room, pipelineId } = host;
    this.pad = pad;
    this.#host = host;
    this.#port = new ProgramPort(plane);
    this.#port.send(pad.media, { flow: () => {}, mismatch: () => {} });
    this.#port.bind(pad.media, pad.source);
    this.#program = room.pool.open(pipelineId, { kind: "transcode", media: pad.media }, plane.handle.port, {
      opened: (udpPort) => this.#opened(udpPort),
      event: (event) => {
        if (event.type === "error" && !this.#closed) host.fault(event.kind, event.description, pad);
      },
      failed: (reason, restarting) => this.#failed(reason, restarting),
    });
  }

  /** Number of its transport on the plane, null while its worker is not reached. */
  get transport(): number | null {
    return this.#port.transport;
  }

  /** Formats that it encodes now for this element. */
  formatsOf(elementId: string): string[] {
    return this.#encodingsOf(elementId).map(({ format }) => format);
  }

  /** True while something is fed by what it encodes for this element. */
  isUsedBy(elementId: string): boolean {
    return this.#encodingsOf(elementId).some(({ sinks }) => sinks.size > 0);
  }

  /** The encoding in this format that the pad gives, begun where there is none yet. */
  encodingIn(format: string, giver: OutgoingPad): Encoding {
    const key = keyOf(format, giver);
    const known = this.#encodings.get(key);
    if (known) return known;
    const { plane } = this.#host;
    const { media } = this.pad;
    const made: Encoding = {
      format,
      giver,
      source: plane.nextId(),
      ssrc: randomUint32(),
      sinks: new Set<string>(),
      linger: null,
      isAsked: false,
    };
    this.#encodings.set(key, made);
    plane.apply({ do: "openSource", source: made.source, media });
    const stream = { codec: format.split("/")[0], format };
    this.#port.receive({ media, source: made.source, ssrc: made.ssrc, format: stream, followsSinks: true });
    void this.#ask(made);
    return made;
  }

  /** The sink is fed by the encoding from now on. */
  take(encoding: Encoding, sink: string): void {
    encoding.sinks.add(sink);
    encoding.linger?.cancel();
    encoding.linger = null;
  }

  /** The sink is fed by the encoding no more; what nobody uses ends soon. */
  leave(encoding: Encoding, sink: string): void {
    if (!encoding.sinks.delete(sink) || encoding.sinks.size > 0 || this.#closed) return;
    encoding.linger = this.#host.clock.after(LINGER_MS, () => this.#end(encoding));
  }

  /** The limits of this element have changed. */
  followLimits(elementId: string): void {
    for (const { ssrc, giver } of this.#encodingsOf(elementId)) {
      this.#tell("setBitrate", { ssrc, ...giver.encoding });
    }
  }

  /** Figures of each encoding; without the worker's part while there is no worker. */
  async figures(): Promise<EncodingFigures[]> {
    const counted = this.#port.transport === null ? [] : await this.#counted();
    return [...this.#encodings.values()].map(({ ssrc, format, giver, sinks }) => ({
      ...counted.find((each) => each.ssrc === ssrc),
      elementId: giver.elementId,
      ssrc,
      kind: this.pad.media,
      codec: format.split("/")[0],
      format,
      sinkCount: sinks.size,
    }));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#program.close();
    this.#port.close();
    for (const { source, linger } of this.#encodings.values()) {
      linger?.cancel();
      this.#host.plane.apply({ do: "closeSource", source });
    }
    this.#encodings.clear();
    this.#host.closed();
  }

  #encodingsOf(elementId: string): Encoding[] {
    return [...this.#encodings.values()].filter(({ giver }) => giver.elementId === elementId);
  }

  async #counted(): Promise<{ ssrc: number }[]> {
    try {
      return (await this.#program.call("stats") as { outputs?: { ssrc: number }[] }).outputs ?? [];
    } catch {
      return [];
    }
  }

  #opened(udpPort: number): void {
    if (this.#closed) return;
    this.#port.opened(udpPort);
    // What the worker before had not yet taken.
    for (const encoding of this.#encodings.values()) if (!encoding.isAsked) void this.#ask(encoding);
  }

  async #ask(encoding: Encoding): Promise<void> {
    const { format, giver, ssrc } = encoding;
    encoding.isAsked = true;
    const input = { ssrc, format: { codec: format.split("/")[0], format }, ...giver.encoding };
    try {
      await this.#program.call("addOutput", input);
    } catch (error) {
      if (this.#closed || this.#encodings.get(keyOf(format, giver)) !== encoding) return;
      const { code, message } = toAppError(error);
      if (code === "unavailable") return void (encoding.isAsked = false);
      this.#host.fault("STREAM_ERROR_ENCODE", message, giver);
      this.#end(encoding);
      this.#host.lost(format);
    }
  }

  #end(encoding: Encoding): void {
    const { format, giver, ssrc, source, linger } = encoding;
    linger?.cancel();
    this.#encodings.delete(keyOf(format, giver));
    this.#port.drop(ssrc);
    this.#host.plane.apply({ do: "closeSource", source });
    if (this.#encodings.size === 0) this.close();
    else this.#tell("removeOutput", { ssrc });
  }

  #tell(operation: string, input: Record<string, unknown>): void {
    // A worker that broke meanwhile is told what stands when it is replaced.
    this.#program.call(operation, input).catch(() => {});
  }

  #failed(reason: string, restarting: boolean): void {
    if (this.#closed) return;
    this.#port.left();
    const description = `${reason}${restarting ? "; it is started again" : ""}`;
    this.#host.fault("STREAM_ERROR_FAILED", description, this.pad);
    if (restarting) return;
    this.close();
    this.#host.lost(null);
  }
}

/** Each element has encoders of its own: their limits are its properties. */
function keyOf(format: string, giver: OutgoingPad): string {
  return `${format} ${giver.elementId}`;
}
