import { ADDRESS_WORDS, parseAddress, type SocketAddress } from "../base/mod.ts";
import { SLOT_BYTES } from "../native/mod.ts";
import type { Context } from "./context.ts";
import { CONTROL_DESTINATIONS, MAX_ADDRESSES_PER_TRANSPORT, MAX_TRANSPORTS } from "./limits.ts";
import type { AdmittedAddress, Transport } from "./transport.ts";

/** The addresses of transports, and the destinations at the UDP port: one per transport, some for control datagrams. */
export class Addresses {
  readonly #context: Context;
  readonly #words = new Uint32Array(ADDRESS_WORDS);
  #control = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Takes DTLS and SRTP from this address as the transport's. Beyond the bound the oldest unselected one is forgotten. */
  admit(transport: Transport, address: SocketAddress): boolean {
    if (!this.#parse(address)) return false;
    const { admitted } = transport;
    if (admitted.some((known) => this.#is(known, address.port))) return true;
    if (admitted.length === MAX_ADDRESSES_PER_TRANSPORT) {
      this.#forget(transport, admitted.find((known) => known !== transport.selectedAddress) ?? admitted[0]);
    }
    admitted.push({ words: this.#words.slice(), port: address.port });
    return this.#context.addresses.set(this.#words, 0, address.port, transport.row);
  }

  /** Sends the transport's media there from now on. */
  select(transport: Transport, address: SocketAddress): boolean {
    if (!this.admit(transport, address)) return false;
    // What is queued was meant for the old address.
    this.#context.udp.flush();
    this.#context.udp.setDestination(transport.row, this.#words, 0, address.port);
    transport.selected = true;
    transport.selectedAddress = transport.admitted.find((known) => this.#is(known, address.port)) ?? null;
    return true;
  }

  /** Marks everything that is sent to the transport's peer with this DiffServ code point, where the system can. */
  mark(transport: Transport, dscp: number): boolean {
    if (!Number.isInteger(dscp) || dscp < 0 || dscp > 63) return false;
    transport.dscp = dscp;
    if (!this.#context.udp.setDscp(transport.row, dscp)) this.#context.drops.unmarked++;
    if (transport.rtcpRow !== transport.row) this.#context.udp.setDscp(transport.rtcpRow, dscp);
    return true;
  }

  forgetAll(transport: Transport): void {
    for (const known of [...transport.admitted]) this.#forget(transport, known);
  }

  /** Queues one datagram as it is. */
  send(address: SocketAddress, bytes: Uint8Array): boolean {
    if (bytes.length > SLOT_BYTES || !this.#parse(address)) return false;
    const { udp } = this.#context;
    if (this.#control === CONTROL_DESTINATIONS) {
      udp.flush();
      this.#control = 0;
    }
    const destination = MAX_TRANSPORTS + this.#control++;
    const offset = udp.nextEgress();
    udp.setDestination(destination, this.#words, 0, address.port);
    udp.setDscp(destination, this.#dscpTowards(address.port));
    udp.egress.bytes.set(bytes, offset);
    udp.push(destination, offset, bytes.length);
    return true;
  }

  /** RFC 8837 section 5: checks and handshakes are marked as the media, so that they prove the way that it takes. */
  #dscpTowards(port: number): number {
    const { addresses, transports } = this.#context;
    const row = addresses.find(this.#words, 0, port);
    return row < 0 ? 0 : transports[row]?.dscp ?? 0;
  }

  #forget(transport: Transport, known: AdmittedAddress): void {
    transport.admitted.splice(transport.admitted.indexOf(known), 1);
    const { addresses } = this.#context;
    // ICE may have proved since that the address belongs to somebody else.
    if (addresses.find(known.words, 0, known.port) !== transport.row) return;
    addresses.delete(known.words, 0, known.port);
  }

  #parse(address: SocketAddress): boolean {
    const { port } = address;
    return Number.isInteger(port) && port > 0 && port <= 65535 && parseAddress(address.address, this.#words);
  }

  #is(known: AdmittedAddress, port: number): boolean {
    return known.port === port && known.words.every((word, i) => word === this.#words[i]);
  }
}
