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
import type { FormatsAtHand, NegotiatedMedia, Peer, PeerCallbacks } from "../peer/mod.ts";
import { createLog } from "../base/mod.ts";
import { CarriedMedia, type OpenSender } from "./carried_media.ts";
import type { MediaPlane } from "./media_plane.ts";
import { peerOptions } from "./peer_options.ts";
import type { SourceFor, TakenFormats } from "./taken_formats.ts";

const log = createLog("engine");

/** What a peer link needs of the live element it belongs to. */
export interface LinkOwner {
  /** Plane number of the element's source pad of this kind. */
  sourceOf(media: MediaKind): number;
  /** What feeds the sink pad of this kind, and what it can be made into; null while nothing does. */
  atHand(media: MediaKind): FormatsAtHand | null;
  /** Runs `work` in a later turn of the pipeline and carries out what it returns. */
  later(work: () => Action[]): void;
  /** Senders came or went: sink pads of this element must be bound anew. */
  sendersChanged(): void;
  senderFlow(media: MediaKind, flowing: boolean): void;
  /** The sender's peer takes only these, and what feeds it is of another codec. */
  senderMismatch(media: MediaKind, codec: string, taken: TakenFormats): Action[];
  media(active: boolean): Action[];
}

/** One peer tied to the packet plane: its transport, and a receiver or sender for each negotiated m-line. */
export class PeerLink implements PeerHandle {
  readonly #plane: MediaPlane;
  readonly #owner: LinkOwner;
  readonly #peer: Peer;
  readonly #transport: number;
  readonly #carried: CarriedMedia;
  readonly #openChannels = new Set<number>();
  #channelsOpened = 0;
  #closed = false;

  constructor(plane: MediaPlane, owner: LinkOwner, wish: PeerWish, handlers: PeerHandlers) {
    this.#plane = plane;
    this.#owner = owner;
    this.#carried = new CarriedMedia(plane, owner);
    this.#transport = plane.nextId();
    plane.apply({ do: "openTransport", transport: this.#transport });
    if (wish.dscp) plane.apply({ do: "setDscp", transport: this.#transport, dscp: wish.dscp });
    this.#peer = plane.openPeer(
      peerOptions(wish, plane.iceDefaults, (media) => owner.atHand(media)),
      this.#callbacks(handlers),
    );
    plane.ownTransport(this.#transport, {
      dtls: (from, bytes) => this.#peer.handleDtls(from, bytes),
      media: (active) => owner.later(() => this.#closed ? [] : owner.media(active)),
      heardMedia: () => this.#peer.heardMedia(),
      livesByMedia: () => this.#peer.livesByMedia,
      heardConsent: () => this.#peer.heardConsent(),
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
  get hasTransport() {
    return this.#peer.hasTransport;
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
    return this.#carried.senders;
  }
  get receivers(): readonly number[] {
    return this.#carried.receivers;
  }

  /** Feeds the peer's m-lines of this kind from the sources that these say; from nothing with null. */
  bindSenders(media: "audio" | "video", sourceFor: SourceFor | null): void {
    this.#carried.bind(media, sourceFor);
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
    this.#carried.forget();
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
      keepConsent: (consent) => this.#plane.apply({ do: "keepConsent", transport, consent }),
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
    for (const media of this.#peer.media) this.#carried.carry(this.#transport, media);
    this.#owner.sendersChanged();
  }
}
