import { randomUint32 } from "../base/mod.ts";
import type { NegotiatedMedia } from "../peer/mod.ts";
import type { MediaPlane } from "./media_plane.ts";
import type { LinkOwner } from "./peer_link.ts";
import type { SourceFor, TakenFormats } from "./taken_formats.ts";

/** One m-line that is sent to a peer. */
export interface OpenSender {
  readonly sender: number;
  readonly media: "audio" | "video";
  /** What was negotiated for it. */
  readonly taken: TakenFormats;
  /** What it is bound to on the plane. */
  source: number | null;
}

/** The receivers and senders of negotiated m-lines on the packet plane. */
export class CarriedMedia {
  readonly receivers: number[] = [];
  readonly senders: OpenSender[] = [];
  readonly #plane: MediaPlane;
  readonly #owner: LinkOwner;

  constructor(plane: MediaPlane, owner: LinkOwner) {
    this.#plane = plane;
    this.#owner = owner;
  }

  /** Opens what the m-line's direction wants on the transport. */
  carry(transport: number, media: NegotiatedMedia): void {
    if (media.codecs.length === 0) return;
    if (media.direction === "recvonly" || media.direction === "sendrecv") {
      this.#openReceiver(transport, media);
    }
    if (media.direction === "sendonly" || media.direction === "sendrecv") this.#openSender(transport, media);
  }

  /** Feeds m-lines of this kind from the sources that these say; from nothing with null. */
  bind(media: "audio" | "video", sourceFor: SourceFor | null): void {
    for (const open of this.senders) {
      if (open.media !== media) continue;
      const source = sourceFor && sourceFor(open.taken);
      if (open.source === source) continue;
      open.source = source;
      this.#plane.apply({ do: "bindSender", sender: open.sender, source });
    }
  }

  /** Everything went with its transport. */
  forget(): void {
    for (const { sender, media } of this.senders) {
      this.#plane.ownSender(sender, null);
      this.#owner.senderFlow(media, false);
    }
    this.senders.length = 0;
    this.receivers.length = 0;
  }

  #openReceiver(transport: number, media: NegotiatedMedia): void {
    const receiver = this.#plane.nextId();
    this.receivers.push(receiver);
    this.#plane.apply({
      do: "openReceiver",
      receiver: {
        receiver,
        transport,
        source: this.#owner.sourceOf(media.kind),
        media: media.kind,
        mid: media.mid,
        payloads: media.codecs,
        extensions: media.extensions,
        ssrcs: media.remoteSsrcs,
        rids: media.rids,
        localSsrc: media.localSsrc || randomUint32(),
      },
    });
  }

  #openSender(transport: number, media: NegotiatedMedia): void {
    const sender = this.#plane.nextId();
    this.senders.push({ sender, media: media.kind, taken: media.codecs, source: null });
    this.#plane.ownSender(sender, {
      flow: (flowing) => this.#owner.senderFlow(media.kind, flowing),
      mismatch: (codec) =>
        this.#owner.later(() => this.#owner.senderMismatch(media.kind, codec, media.codecs)),
    });
    this.#plane.apply({
      do: "openSender",
      sender: {
        sender,
        transport,
        media: media.kind,
        mid: media.mid,
        ssrc: media.localSsrc,
        rtxSsrc: media.localRtxSsrc,
        cname: media.cname,
        payloads: media.codecs,
        extensions: media.extensions,
      },
    });
  }
}
