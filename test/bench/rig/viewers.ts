import { openNative, SLOT_BYTES, type SrtpCipher } from "../../../src/native/mod.ts";
import { headerLength, packetKind, payloadType, sequenceNumber, ssrc } from "../../../src/rtp/mod.ts";
import { KIND_DTLS, KIND_RTCP, KIND_RTP, KIND_STUN } from "../../../src/rtp/mod.ts";
import { Latencies } from "./latency.ts";
import { realTimeUs } from "./libc.ts";
import { readTime } from "./payload.ts";
import { type Client, openClient } from "./peers.ts";
import { SocketSet } from "./socket_set.ts";

/** One packet of so many (a power of two) is authenticated, decrypted and timed, at every viewer. */
const SAMPLE = 16;
const FIRST_PACKET_MS = 15_000;
const LEAVE_AT_ONCE = 16;

interface Viewer {
  client: Client;
  /** Ends the session, as its server wants it. */
  end: () => Promise<unknown>;
  cipher: SrtpCipher | null;
  payloadType: number;
  /** 0 before the first packet. */
  ssrc: number;
  /** Sequence number without wrap, of the newest packet; rollovers counted from the first one on. */
  highest: number;
  /** `highest` when the window began. */
  windowStart: number;
  received: number;
  firstPacket: (us: number) => void;
}

/** Figures of the window between `begin` and `read`. */
export interface ViewerFigures {
  viewers: number;
  packets: number;
  bytes: number;
  /** By gaps in each viewer's sequence numbers. */
  lost: number;
  /** Viewers that received nothing at all. */
  silent: number;
  sampled: number;
  notAuthentic: number;
  rtcp: number;
  profile: string;
  latencies: ReturnType<Latencies["toJSON"]>;
}

/** Viewers of one process, each on a socket of its own. */
export class Viewers {
  readonly sockets: SocketSet;
  readonly #native = openNative("ffi");
  readonly #bySocket: Viewer[] = [];
  readonly #live: Viewer[] = [];
  readonly #view: DataView;
  #bytes = 0;
  #sampled = 0;
  #notAuthentic = 0;
  #rtcp = 0;
  #latencies = new Latencies();

  constructor() {
    this.sockets = new SocketSet((index, count) => this.#take(index, count));
    this.#view = new DataView(this.sockets.slots.bytes.buffer);
  }

  /**
   * Opens one viewer; `negotiate` gives its peer the descriptions and returns how to end it. Resolves with the
   * milliseconds from the first request to the first packet.
   */
  async join(address: string, negotiate: (client: Client) => Promise<Viewer["end"]>): Promise<number> {
    const startUs = realTimeUs();
    const client = await openClient(this.sockets, "viewer", address);
    const first = Promise.withResolvers<number>();
    const viewer: Viewer = {
      client,
      end: () => Promise.resolve(),
      cipher: null,
      payloadType: -1,
      ssrc: 0,
      highest: 0,
      windowStart: 0,
      received: 0,
      firstPacket: first.resolve,
    };
    this.#bySocket[client.socket] = viewer;
    viewer.end = await negotiate(client);
    const keys = await client.connected;
    viewer.payloadType = client.peer.media.find((media) => media.kind === "video")!.codecs[0].payloadType;
    viewer.cipher = this.#native.openCipher(keys.profile, keys.remoteKey, keys.remoteSalt);
    const late = setTimeout(() => first.resolve(NaN), FIRST_PACKET_MS);
    const firstUs = await first.promise;
    clearTimeout(late);
    if (Number.isNaN(firstUs)) throw new Error("Cannot watch: connected, but no packet came for 15 s");
    this.#live.push(viewer);
    return (firstUs - startUs) / 1000;
  }

  /** Ends the oldest `count` viewers. */
  async leave(count: number): Promise<void> {
    const leaving = this.#live.splice(0, count);
    const worker = async () => {
      for (let viewer = leaving.pop(); viewer; viewer = leaving.pop()) await this.#end(viewer);
    };
    await Promise.all(Array.from({ length: LEAVE_AT_ONCE }, worker));
  }

  async #end(viewer: Viewer): Promise<void> {
    await viewer.end();
    viewer.client.peer.close();
    viewer.cipher?.close();
    viewer.cipher = null;
    this.sockets.close(viewer.client.socket);
    delete this.#bySocket[viewer.client.socket];
  }

  begin(): void {
    this.#bytes =
      this.#sampled =
      this.#notAuthentic =
      this.#rtcp =
        0;
    this.#latencies = new Latencies();
    for (const viewer of this.#live) {
      viewer.windowStart = viewer.highest;
      viewer.received = 0;
    }
  }

  read(): ViewerFigures {
    let packets = 0;
    let lost = 0;
    for (const { received, highest, windowStart } of this.#live) {
      packets += received;
      lost += Math.max(0, highest - windowStart - received);
    }
    return {
      viewers: this.#live.length,
      packets,
      bytes: this.#bytes,
      lost,
      silent: this.#live.filter(({ received }) => received === 0).length,
      sampled: this.#sampled,
      notAuthentic: this.#notAuthentic,
      rtcp: this.#rtcp,
      profile: this.#live[0]?.client.keys?.profile ?? "",
      latencies: this.#latencies.toJSON(),
    };
  }

  #take(index: number, count: number): void {
    const viewer = this.#bySocket[index];
    if (!viewer) return;
    const { slots, length, arrivedUs } = this.sockets;
    for (let slot = 0; slot < count; slot++) {
      const at = slot * SLOT_BYTES;
      const kind = packetKind(slots.bytes, at, length[slot]);
      if (kind === KIND_RTP) this.#takeRtp(viewer, at, length[slot], arrivedUs[slot]);
      else if (kind === KIND_RTCP) this.#rtcp++;
      else if (kind === KIND_STUN) viewer.client.peer.handleStun(this.sockets.from(slot), this.#copy(slot));
      else if (kind === KIND_DTLS) viewer.client.peer.handleDtls(this.sockets.from(slot), this.#copy(slot));
    }
  }

  #takeRtp(viewer: Viewer, at: number, length: number, arrivedUs: number): void {
    const { bytes } = this.sockets.slots;
    if (viewer.cipher === null || payloadType(bytes, at) !== viewer.payloadType) return;
    const sequence = sequenceNumber(bytes, at);
    if (viewer.ssrc === 0) {
      viewer.ssrc = ssrc(bytes, at);
      viewer.highest = viewer.windowStart = sequence - 1;
      viewer.firstPacket(arrivedUs);
    }
    if (ssrc(bytes, at) !== viewer.ssrc) return;
    const extended = viewer.highest + ((sequence - viewer.highest) << 16 >> 16);
    if (extended > viewer.highest) viewer.highest = extended;
    viewer.received++;
    this.#bytes += length;
    if ((sequence & (SAMPLE - 1)) === (viewer.client.socket & (SAMPLE - 1))) {
      this.#sample(viewer.cipher, at, length, viewer.ssrc, extended, arrivedUs);
    }
  }

  #sample(
    cipher: SrtpCipher,
    at: number,
    length: number,
    ssrc: number,
    extended: number,
    arrivedUs: number,
  ): void {
    const { slots } = this.sockets;
    const header = headerLength(slots.bytes, at, length);
    const rollover = Math.floor(extended / 65536);
    this.#sampled++;
    if (cipher.unprotectRtp(slots, at, length, header, ssrc, rollover, extended & 0xffff) < 0) {
      this.#notAuthentic++;
      return;
    }
    const leftUs = readTime(this.#view, at + header);
    if (leftUs > 0) this.#latencies.add(arrivedUs - leftUs);
  }

  #copy(slot: number): Uint8Array {
    return this.sockets.slots.bytes.slice(slot * SLOT_BYTES, slot * SLOT_BYTES + this.sockets.length[slot]);
  }
}
