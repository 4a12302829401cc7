import { ADDRESS_WORDS, formatAddress, parseAddress, type SocketAddress } from "../base/mod.ts";
import type { Context } from "./context.ts";
import { join } from "./join.ts";
import { CONTROL_DESTINATIONS, MAX_TRANSPORTS } from "./limits.ts";
import type { Transport } from "./transport.ts";

/** What is known of the other side of a transport that has ports of its own. */
export class SidePeer {
  /** Sides of the UDP port: of the media, and of RTCP; the same number where both share one. */
  readonly rtpSide: number;
  readonly rtcpSide: number;
  /** The host whose packets count, where nothing else proves them; none known yet while `hasHost` is false. */
  readonly host = new Uint32Array(ADDRESS_WORDS);
  hasHost = false;
  /** Media is sent to where it comes from, RTCP likewise. */
  latch = false;
  /** Where media comes from, once it came; 0 before. Only with `latch`. */
  mediaPort = 0;
  /** Where RTCP comes from, likewise. */
  rtcpPort = 0;

  constructor(rtpSide: number, rtcpSide: number) {
    this.rtpSide = rtpSide;
    this.rtcpSide = rtcpSide;
  }
}

/** Takes packets from this host only, or with null from the first that comes. */
export function acceptFrom(transport: Transport, from: string | null, latch: boolean): boolean {
  const peer = transport.side;
  if (peer === null) return false;
  peer.latch = latch;
  peer.hasHost = from !== null;
  return from === null || parseAddress(from, peer.host);
}

/** Sends the transport's media, and RTCP where nothing else was selected for that, to this address. */
export function selectMedia(context: Context, transport: Transport, address: SocketAddress): boolean {
  const words = addressWords(address);
  if (words === null || transport.side === null) return false;
  setMedia(context, transport, words, address.port);
  return true;
}

/** Sends the transport's RTCP to this address. */
export function selectRtcp(context: Context, transport: Transport, address: SocketAddress): boolean {
  const words = addressWords(address);
  if (words === null || transport.side === null) return false;
  setRtcp(context, transport, words, address.port);
  return true;
}

/**
 * Notes where a packet came from that counts as the peer's, at a transport that latches: the first one fixes the way
 * back, and with SRTP, which proves who sent it, any later one moves it.
 */
export function latchMedia(context: Context, transport: Transport, peer: SidePeer, slot: number): void {
  const { udp } = context;
  const words = udp.slotAddress.slice(slot * ADDRESS_WORDS, (slot + 1) * ADDRESS_WORDS);
  const port = udp.slotPort[slot];
  peer.host.set(words);
  peer.hasHost = true;
  peer.mediaPort = port;
  setMedia(context, transport, words, port);
  // RFC 3550 section 11, until RTCP itself says otherwise.
  if (peer.rtcpSide !== peer.rtpSide && peer.rtcpPort === 0 && port < 65_535) {
    setRtcp(context, transport, words, port + 1);
  }
  const address = { address: formatAddress(words), port };
  context.events.push({ on: "transportLatched", transport: transport.id, address });
}

/** The same for RTCP that has a port of its own. */
export function latchRtcp(context: Context, transport: Transport, peer: SidePeer, slot: number): void {
  const { udp } = context;
  peer.rtcpPort = udp.slotPort[slot];
  const words = udp.slotAddress.slice(slot * ADDRESS_WORDS, (slot + 1) * ADDRESS_WORDS);
  setRtcp(context, transport, words, peer.rtcpPort);
}

function setMedia(context: Context, transport: Transport, words: Uint32Array, port: number): void {
  // What is queued was meant for the old address.
  context.udp.flush();
  context.udp.setDestination(transport.row, words, 0, port, transport.side?.rtpSide);
  transport.selected = true;
  for (const sender of transport.senders) join(context, sender);
}

function setRtcp(context: Context, transport: Transport, words: Uint32Array, port: number): void {
  context.udp.flush();
  transport.rtcpRow = MAX_TRANSPORTS + CONTROL_DESTINATIONS + transport.row;
  context.udp.setDestination(transport.rtcpRow, words, 0, port, transport.side?.rtcpSide);
  context.udp.setDscp(transport.rtcpRow, transport.dscp);
}

function addressWords({ address, port }: SocketAddress): Uint32Array | null {
  const words = new Uint32Array(ADDRESS_WORDS);
  const usable = Number.isInteger(port) && port > 0 && port <= 65_535;
  return usable && parseAddress(address, words) ? words : null;
}
