import { AppError } from "../base/mod.ts";
import type { Action, PeerRates, RtpHandle, RtpHandlers, RtpWish } from "../module/mod.ts";
import {
  type NegotiatedMedia,
  openRtpSession,
  type RtpLine,
  type RtpPorts,
  type RtpSession,
} from "../peer/mod.ts";
import { CarriedMedia, type OpenSender } from "./carried_media.ts";
import type { MediaPlane } from "./media_plane.ts";
import type { LinkOwner } from "./peer_link.ts";
import { codecsOf } from "./peer_options.ts";
import type { SourceFor } from "./taken_formats.ts";

/** The transport of one m-line. */
interface OpenTransport {
  readonly transport: number;
  readonly media: "audio" | "video";
  /** The other side's bound on what is sent, kbit/s, 0 for none. */
  readonly maxSendKbps: number;
  /** It is known where its peer is. */
  connected: boolean;
  /** Its peer sends. */
  active: boolean;
}

/** One RTP session tied to the packet plane: a transport on ports of its own for each negotiated m-line. */
export class RtpLink implements RtpHandle {
  readonly #plane: MediaPlane;
  readonly #owner: LinkOwner;
  readonly #handlers: RtpHandlers;
  readonly #session: RtpSession;
  readonly #carried: CarriedMedia;
  readonly #transports: OpenTransport[] = [];
  readonly #ports: number[] = [];
  #rates: PeerRates | null = null;
  #closed = false;

  constructor(plane: MediaPlane, owner: LinkOwner, wish: RtpWish, handlers: RtpHandlers) {
    this.#plane = plane;
    this.#owner = owner;
    this.#handlers = handlers;
    this.#carried = new CarriedMedia(plane, owner);
    this.#session = openRtpSession({
      codecs: { audio: codecsOf(wish, "audio"), video: codecsOf(wish, "video") },
      maxReceiveKbps: wish.maxReceiveKbps,
      sdes: wish.sdes,
      useIpv6: wish.useIpv6,
      addresses: plane.rtpAddresses,
      openPorts: (rtcp) => this.#openPorts(rtcp),
    });
  }

  get media(): readonly NegotiatedMedia[] {
    return this.#session.lines.map(({ media }) => media);
  }
  get localDescription(): string | null {
    return this.#session.localDescription;
  }
  get remoteDescription(): string | null {
    return this.#session.remoteDescription;
  }
  get closed(): boolean {
    return this.#closed;
  }
  get transports(): readonly number[] {
    return this.#transports.map(({ transport }) => transport);
  }
  get senders(): readonly Readonly<OpenSender>[] {
    return this.#carried.senders;
  }
  get receivers(): readonly number[] {
    return this.#carried.receivers;
  }

  bindSenders(media: "audio" | "video", sourceFor: SourceFor | null): void {
    this.#carried.bind(media, sourceFor);
  }

  async processOffer(sdp: string): Promise<string> {
    const answer = await this.#session.processOffer(sdp);
    this.#requireOpen();
    this.#carry();
    return answer;
  }

  async generateOffer(wanted: { audio: boolean; video: boolean }): Promise<string> {
    const offer = await this.#session.generateOffer(wanted);
    this.#requireOpen();
    return offer;
  }

  processAnswer(sdp: string): void {
    this.#session.processAnswer(sdp);
    this.#carry();
  }

  setRates(rates: PeerRates): void {
    this.#rates = rates;
    if (!this.#closed) { for (const open of this.#transports) this.#setRates(open, rates); }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { transport } of this.#transports) {
      this.#plane.apply({ do: "closeTransport", transport, bye: true });
      this.#plane.ownTransport(transport, null);
    }
    for (const port of this.#ports) this.#plane.closePorts(port);
    this.#transports.length = 0;
    this.#carried.forget();
    this.#owner.sendersChanged();
  }

  async #openPorts(rtcp: boolean): Promise<RtpPorts> {
    const ports = await this.#plane.openPorts(rtcp);
    if (this.#closed) this.#plane.closePorts(ports.port);
    else this.#ports.push(ports.port);
    return ports;
  }

  /** The element may have gone while ports were opened. */
  #requireOpen(): void {
    if (!this.#closed) return;
    throw new AppError(
      "element_not_found",
      "Cannot negotiate: the element was released vs there, create another",
    );
  }

  #carry(): void {
    for (const line of this.#session.lines) this.#carryLine(line);
    this.#owner.sendersChanged();
    this.#later(() => this.#connectedNow());
  }

  #carryLine(line: RtpLine): void {
    const { media, ports, rtp, rtcp, from, latch, keys, maxSendKbps } = line;
    const transport = this.#plane.nextId();
    const open = { transport, media: media.kind, maxSendKbps, connected: !latch, active: false };
    this.#transports.push(open);
    this.#own(open);
    this.#plane.apply(
      { do: "openTransport", transport, port: ports.port },
      { do: "accept", transport, from, latch },
      { do: "key", transport, keys },
    );
    if (rtp) this.#plane.apply({ do: "select", transport, address: rtp });
    if (rtcp) this.#plane.apply({ do: "selectRtcp", transport, address: rtcp });
    if (this.#rates) this.#setRates(open, this.#rates);
    this.#carried.carry(transport, media);
  }

  #own(open: OpenTransport): void {
    this.#plane.ownTransport(open.transport, {
      dtls: () => {},
      media: (active) => this.#later(() => this.#mediaMoved(open, active)),
      heardMedia: () => {},
      livesByMedia: () => false,
      heardConsent: () => {},
      latched: () => this.#later(() => this.#latched(open)),
      keyNearlyUsed: () => this.#later(() => this.#handlers.keyNearlyUsed(open.media)),
    });
  }

  /** What happened before the element closed the session is not told after. */
  #later(work: () => Action[]): void {
    this.#owner.later(() => this.#closed ? [] : work());
  }

  #latched(open: OpenTransport): Action[] {
    if (open.connected) return [];
    open.connected = true;
    return this.#connectedNow();
  }

  #connectedNow(): Action[] {
    const all = this.#transports.length > 0 && this.#transports.every(({ connected }) => connected);
    return all ? this.#handlers.connected() : [];
  }

  /** The element has media as long as any of its m-lines has. */
  #mediaMoved(open: OpenTransport, active: boolean): Action[] {
    const before = this.#transports.some((each) => each.active);
    open.active = active;
    const now = this.#transports.some((each) => each.active);
    return before === now ? [] : this.#owner.media(now);
  }

  #setRates({ transport, maxSendKbps }: OpenTransport, rates: PeerRates): void {
    const bounds = [rates.maxSendKbps, maxSendKbps].filter((kbps) => kbps > 0);
    const least = bounds.length > 0 ? Math.min(...bounds) : 0;
    this.#plane.apply({ do: "setRates", transport, rates: { ...rates, maxSendKbps: least } });
  }
}
