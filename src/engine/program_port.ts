import { randomToken, randomUint32 } from "../base/mod.ts";
import { programOrientationId, programPayloads, type StreamFormat } from "../frame/mod.ts";
import type { PayloadSpec } from "../plane/mod.ts";
import type { MediaPlane, SenderOwner } from "./media_plane.ts";

type Media = "audio" | "video";

/** Of video; audio has none. */
const extensions = { audio: {}, video: { videoOrientation: programOrientationId } };

/** Packets reach a program over loopback: nothing is lost that could be sent again. */
const feedback = { nack: false, pli: true, fir: false, remb: false, transportCc: false };

/** A stream that the program sends, and the source that it fills. */
export interface ProgramStream {
  readonly media: Media;
  readonly source: number;
  readonly ssrc: number;
  readonly format: StreamFormat;
  /** Encoded for the sinks of the source, so that what they can take is its bound. */
  readonly followsSinks?: boolean;
}

interface OpenStream extends ProgramStream {
  /** Number of its receiver on the plane, null while the program is not reached. */
  receiver: number | null;
}

interface OpenSender {
  readonly media: Media;
  readonly owner: SenderOwner;
  readonly keepsTime: boolean;
  sender: number | null;
  source: number | null;
}

/**
 * A program of the frame room as a peer of the packet plane: plain RTP over loopback. What is received and sent stays
 * wished for when the program comes back on another port, after its worker was replaced.
 */
export class ProgramPort {
  readonly #plane: MediaPlane;
  readonly #streams = new Map<number, OpenStream>();
  readonly #senders = new Map<Media, OpenSender>();
  readonly #cname = randomToken(16);
  #transport: number | null = null;
  #closed = false;

  constructor(plane: MediaPlane) {
    this.#plane = plane;
  }

  /** Number of its transport on the plane, null while the program is not reached. */
  get transport(): number | null {
    return this.#transport;
  }

  get receivers(): number[] {
    return [...this.#streams.values()].flatMap(({ receiver }) => receiver ?? []);
  }

  get senders(): { sender: number; media: Media; source: number | null }[] {
    return [...this.#senders.values()].flatMap(({ sender, media, source }) =>
      sender === null ? [] : [{ sender, media, source }]
    );
  }

  /** The program listens here, on this machine; again, after it `left`. */
  opened(udpPort: number): void {
    if (this.#closed) return;
    const transport = this.#plane.nextId();
    const address = { address: this.#plane.hostAddress, port: udpPort };
    const none = new Uint8Array(0);
    const keys = { localKey: none, localSalt: none, remoteKey: none, remoteSalt: none };
    this.#transport = transport;
    this.#plane.apply(
      { do: "openTransport", transport },
      { do: "admit", transport, address },
      { do: "select", transport, address },
      { do: "key", transport, keys: { profile: "NONE", ...keys } },
    );
    for (const stream of this.#streams.values()) this.#openReceiver(stream, transport);
    for (const sender of this.#senders.values()) this.#openSender(sender, transport);
  }

  /** The program is not where it was any more. */
  left(): void {
    if (this.#transport === null) return;
    this.#plane.apply({ do: "closeTransport", transport: this.#transport, bye: false });
    this.#transport = null;
    for (const stream of this.#streams.values()) stream.receiver = null;
    for (const open of this.#senders.values()) this.#forget(open);
  }

  /** Takes a stream of the program; one of the same SSRC is replaced. */
  receive(stream: ProgramStream): void {
    this.drop(stream.ssrc);
    const open = { ...stream, receiver: null };
    this.#streams.set(stream.ssrc, open);
    if (this.#transport !== null) this.#openReceiver(open, this.#transport);
  }

  /** Takes the stream of this SSRC no more. */
  drop(ssrc: number): void {
    const receiver = this.#streams.get(ssrc)?.receiver ?? null;
    if (receiver !== null) this.#plane.apply({ do: "closeReceiver", receiver });
    this.#streams.delete(ssrc);
  }

  /** Takes none of the streams of this kind any more, or none at all. */
  dropAll(media?: Media): void {
    for (const stream of [...this.#streams.values()]) {
      if (media === undefined || stream.media === media) this.drop(stream.ssrc);
    }
  }

  /** Gives the program what `bind` names from now on, in whatever codec that is; `keepsTime` as in `SenderSpec`. */
  send(media: Media, owner: SenderOwner, keepsTime = false): void {
    const open = { media, owner, keepsTime, sender: null, source: null };
    this.#senders.set(media, open);
    if (this.#transport !== null) this.#openSender(open, this.#transport);
  }

  /** Feeds what is sent of this kind from the source; from nothing with null. */
  bind(media: Media, source: number | null): void {
    const open = this.#senders.get(media);
    if (!open || open.source === source) return;
    open.source = source;
    if (open.sender !== null) this.#plane.apply({ do: "bindSender", sender: open.sender, source });
  }

  close(): void {
    this.#closed = true;
    this.left();
    this.#streams.clear();
    this.#senders.clear();
  }

  #openReceiver(stream: OpenStream, transport: number): void {
    const { media, source, ssrc, format, followsSinks = false } = stream;
    stream.receiver = this.#plane.nextId();
    this.#plane.apply({
      do: "openReceiver",
      receiver: {
        receiver: stream.receiver,
        transport,
        source,
        media,
        mid: "",
        payloads: [payloadOf(format.codec, format.format)],
        extensions: extensions[media],
        ssrcs: [{ ssrc, rtxSsrc: 0 }],
        rids: [],
        localSsrc: randomUint32(),
        followsSinks,
      },
    });
  }

  #openSender(open: OpenSender, transport: number): void {
    const { media, owner, keepsTime, source } = open;
    const sender = open.sender = this.#plane.nextId();
    this.#plane.ownSender(sender, owner);
    this.#plane.apply({
      do: "openSender",
      sender: {
        sender,
        transport,
        media,
        mid: "",
        ssrc: randomUint32(),
        rtxSsrc: 0,
        cname: this.#cname,
        payloads: codecsOf(media).map((codec) => payloadOf(codec, codec)),
        extensions: extensions[media],
        keepsTime,
      },
    });
    if (source !== null) this.#plane.apply({ do: "bindSender", sender, source });
  }

  #forget(open: OpenSender): void {
    if (open.sender === null) return;
    this.#plane.ownSender(open.sender, null);
    open.owner.flow(false);
    open.sender = null;
  }
}

/** Codecs of a kind that travel between plane and programs. */
function codecsOf(media: Media): string[] {
  return Object.keys(programPayloads).filter((codec) =>
    (programPayloads[codec].clockRate === 90_000) === (media === "video")
  );
}

function payloadOf(codec: string, format: string): PayloadSpec {
  const { payloadType, clockRate } = programPayloads[codec];
  return { payloadType, codec, format, clockRate, rtxPayloadType: null, feedback };
}
