import type { MediaKind } from "../graph/mod.ts";
import type {
  Action,
  DataChannelInfo,
  DataChannelWish,
  PeerHandle,
  PeerHandlers,
  PeerRates,
  PeerWish,
} from "../module/mod.ts";
import type { NegotiatedMedia, Peer, PeerCallbacks } from "../peer/mod.ts";
import { createLog, randomUint32 } from "../base/mod.ts";
import type { MediaPlane } from "./media_plane.ts";
import { peerOptions } from "./peer_options.ts";

const log = createLog("engine");

/** What a peer link needs of the live element it belongs to. */
export interface LinkOwner {
  /** Plane number of the element's source pad of this kind. */
  sourceOf(media: MediaKind): number;
  feeding(media: MediaKind): { codec: string; format: string } | null;
  /** Runs `work` in a later turn of the pipeline and carries out what it returns. */
  later(work: () => Action[]): void;
  /** Senders came or went: sink pads of this element must be bound anew. */
  sendersChanged(): void;
  senderFlow(media: MediaKind, flowing: boolean): void;
  senderMismatch(media: MediaKind, codec: string): Action[];
  media(active: boolean): Action[];
}

interface OpenSender {
  readonly sender: number;
  readonly media: "audio" | "video";
  /** What it is bound to on the plane. */
  source: number | null;
}

/** One peer tied to the packet plane: its transport, and a receiver or sender for each negotiated m-line. */
export class PeerLink implements PeerHandle {
  readonly #plane: MediaPlane;
  readonly #owner: LinkOwner;
  readonly #peer: Peer;
  readonly #transport: number;
  readonly #receivers: number[] = [];
  readonly #senders: OpenSender[] = [];
  readonly #openChannels = new Set<number>();
  #channelsOpened = 0;
  #closed = false;

  constructor(plane: MediaPlane, owner: LinkOwner, wish: PeerWish, handlers: PeerHandlers) {
    this.#plane = plane;
    this.#owner = owner;
    this.#transport = plane.nextId();
    plane.apply({ do: "openTransport", transport: this.#transport });
    if (wish.dscp) plane.apply({ do: "setDscp", transport: this.#transport, dscp: wish.dscp });
    this.#peer = plane.openPeer(
      peerOptions(wish, plane.iceDefaults, (media) => owner.feeding(media)?.format ?? null),
      this.#callbacks(handlers),
    );
    plane.ownTransport(this.#transport, {
      dtls: (from, bytes) => this.#peer.handleDtls(from, bytes),
      media: (active) => owner.later(() => this.#closed ? [] : owner.media(active)),
      heardMedia: () => this.#peer.heardMedia(),
    });
  }

  get media(): readonly NegotiatedMedia[] {
    return this.#peer.media;
  }
  get iceState() {
    return this.#peer.iceState;
  }
  get dtlsState() {
    return this.#peer.dtlsState;
  }
  get localDescription() {
    return this.#peer.localDescription;
  }
  get remoteDescription() {
    return this.#peer.remoteDescription;
  }
  get selectedPair() {
    return this.#peer.selectedPair;
  }
  get dataChannels(): readonly DataChannelInfo[] {
    return this.#peer.dataChannels;
  }
  /** Data channels that have opened since the peer began, and those of them that closed again. */
  get channelCounts(): { opened: number; closed: number } {
    return { opened: this.#channelsOpened, closed: this.#channelsOpened - this.#openChannels.size };
  }
  get closed(): boolean {
    return this.#closed;
  }
  get transport(): number {
    return this.#transport;
  }
  get senders(): readonly Readonly<OpenSender>[] {
    return this.#senders;
  }
  get receivers(): readonly number[] {
    return this.#receivers;
  }

  /** Feeds the peer's m-lines of this kind from the source; from nothing with null. */
  bindSenders(media: "audio" | "video", source: number | null): void {
    for (const open of this.#senders) {
      if (open.media !== media || open.source === source) continue;
      open.source = source;
      this.#plane.apply({ do: "bindSender", sender: open.sender, source });
    }
  }

  processOffer(sdp: string): string {
    const answer = this.#peer.processOffer(sdp);
    this.#carry();
    return answer;
  }

  generateOffer(wanted: { audio: boolean; video: boolean }): string {
    return this.#peer.generateOffer(wanted);
  }

  processAnswer(sdp: string): void {
    this.#peer.processAnswer(sdp);
    this.#carry();
  }

  addRemoteCandidate(candidate: string, mid: string | null, mLineIndex: number | null): void {
    this.#peer.addRemoteCandidate(candidate, mid, mLineIndex);
  }

  processFragment(fragment: string) {
    return this.#peer.processFragment(fragment);
  }

  gather(): void {
    this.#peer.gather();
  }

  createDataChannel(wish: DataChannelWish): number {
    return this.#peer.createDataChannel(wish);
  }

  closeDataChannel(channelId: number): void {
    this.#peer.closeDataChannel(channelId);
  }

  sendData(channelId: number, payload: string | Uint8Array): boolean {
    return this.#peer.sendData(channelId, payload);
  }

  setRates(rates: PeerRates): void {
    if (!this.#closed) this.#plane.apply({ do: "setRates", transport: this.#transport, rates });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // BYE first: once the other side has read close_notify, it listens no more.
    this.#plane.apply({ do: "closeTransport", transport: this.#transport, bye: true });
    this.#peer.close();
    this.#plane.ownTransport(this.#transport, null);
    for (const { sender, media } of this.#senders) {
      this.#plane.ownSender(sender, null);
      this.#owner.senderFlow(media, false);
    }
    this.#senders.length = 0;
    this.#receivers.length = 0;
    this.#owner.sendersChanged();
  }

  #countChannel({ channelId, state }: DataChannelInfo): void {
    if (state === "closed") this.#openChannels.delete(channelId);
    if (state !== "open" || this.#openChannels.has(channelId)) return;
    this.#openChannels.add(channelId);
    this.#channelsOpened++;
  }

  #hearMessage(handlers: PeerHandlers, channelId: number, payload: string | Uint8Array): void {
    if (!handlers.dataMessage) return;
    const label = this.dataChannels.find((channel) => channel.channelId === channelId)?.label ?? "";
    try {
      handlers.dataMessage(channelId, { payload, label });
    } catch (error) {
      // The association goes on as if the message had been taken: its other channels are not to blame.
      log.error("Cannot give a data message to its element", { channelId, error });
    }
  }

  #callbacks(handlers: PeerHandlers): PeerCallbacks {
    const transport = this.#transport;
    const later = (work: () => Action[]) => this.#owner.later(work);
    return {
      send: (address, bytes) => this.#plane.apply({ do: "send", address, bytes }),
      admit: (address) => this.#plane.apply({ do: "admit", transport, address }),
      select: (address, pair) => {
        this.#plane.apply({ do: "select", transport, address });
        later(() => handlers.selected(pair));
      },
      keys: (keys) => this.#plane.apply({ do: "key", transport, keys }),
      iceState: (state) => later(() => handlers.iceState(state)),
      dtlsState: (state) => later(() => handlers.dtlsState(state)),
      candidate: (candidate) => later(() => handlers.candidate?.(candidate) ?? []),
      gathered: () => later(() => handlers.gathered?.() ?? []),
      dataChannel: (channel) => {
        this.#countChannel(channel);
        later(() => handlers.dataChannel?.(channel) ?? []);
      },
      dataMessage: (channelId, payload) => this.#hearMessage(handlers, channelId, payload),
      ended: (end, detail) =>
        later(() => {
          const actions = handlers.ended(end, detail);
          this.close();
          return actions;
        }),
    };
  }

  #carry(): void {
    for (const media of this.#peer.media) {
      if (media.codecs.length === 0) continue;
      if (media.direction === "recvonly" || media.direction === "sendrecv") this.#openReceiver(media);
      if (media.direction === "sendonly" || media.direction === "sendrecv") this.#openSender(media);
    }
    this.#owner.sendersChanged();
  }

  #openReceiver(media: NegotiatedMedia): void {
    const receiver = this.#plane.nextId();
    this.#receivers.push(receiver);
    this.#plane.apply({
      do: "openReceiver",
      receiver: {
        receiver,
        transport: this.#transport,
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

  #openSender(media: NegotiatedMedia): void {
    const sender = this.#plane.nextId();
    this.#senders.push({ sender, media: media.kind, source: null });
    this.#plane.ownSender(sender, {
      flow: (flowing) => this.#owner.senderFlow(media.kind, flowing),
      mismatch: (codec) => this.#owner.later(() => this.#owner.senderMismatch(media.kind, codec)),
    });
    this.#plane.apply({
      do: "openSender",
      sender: {
        sender,
        transport: this.#transport,
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
