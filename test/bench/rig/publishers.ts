import { type Memory, openNative, SLOT_BYTES, type SrtpCipher } from "../../../src/native/mod.ts";
import {
  FMT_PLI,
  packetKind,
  PSFB,
  rtcpCount,
  rtcpLength,
  rtcpType,
  writeHeader,
} from "../../../src/rtp/mod.ts";
import { KIND_DTLS, KIND_RTCP, KIND_STUN, RTP_HEADER_BYTES } from "../../../src/rtp/mod.ts";
import { realTimeUs, socketAddress } from "./libc.ts";
import { writeTime, writeVp8 } from "./payload.ts";
import { type Client, openClient } from "./peers.ts";
import { SocketSet } from "./socket_set.ts";

/** What every publisher sends. */
export interface Load {
  /** RTP packets per second and publisher. */
  pps: number;
  /** Packets that leave together: one frame. */
  burst: number;
  /** Of a whole RTP packet before encryption; every second one is a byte shorter, as encoders cut frames. */
  packetBytes: number;
}

interface Publisher {
  socket: number;
  destination: () => Uint8Array<ArrayBuffer>;
  cipher: SrtpCipher | null;
  /** Opens the RTCP of the server. */
  reader: SrtpCipher | null;
  payloadType: number;
  ssrc: number;
  sequence: number;
  frame: number;
  nextUs: number;
  keyframeAsked: boolean;
  client: Client | null;
}

/** A keyframe comes by itself this often, in frames, and whenever the server asks. */
const KEYFRAME_EVERY = 60;

/** Publishers of one process, each on a socket of its own, paced by the machine's clock. */
export class Publishers {
  readonly sockets: SocketSet;
  packetsSent = 0;
  keyframeRequests = 0;
  readonly #native = openNative("ffi");
  readonly #packet: Memory;
  readonly #source: Memory;
  readonly #sourceView: DataView;
  readonly #bySocket: (Publisher | Client)[] = [];
  readonly #sending: Publisher[] = [];
  #load: Load = { pps: 0, burst: 1, packetBytes: 0 };

  constructor() {
    this.sockets = new SocketSet((index, count) => this.#take(index, count));
    this.#packet = this.#native.memory(SLOT_BYTES);
    this.#source = this.#native.memory(SLOT_BYTES);
    this.#sourceView = new DataView(this.#source.bytes.buffer);
    for (let i = 0; i < SLOT_BYTES; i++) this.#source.bytes[i] = i * 7;
  }

  /** Publishes by WHIP to `url`; resolves when SRTP is keyed. */
  async publish(url: string, address: string): Promise<void> {
    const client = await openClient(this.sockets, "publisher", address);
    this.#bySocket[client.socket] = client;
    const offer = client.peer.generateOffer({ audio: false, video: true });
    client.peer.processAnswer((await postOffer(url, offer)).answer);
    const keys = await client.connected;
    const [media] = client.peer.media;
    this.#add({
      socket: client.socket,
      destination: () => client.destination,
      cipher: this.#native.openCipher(keys.profile, keys.localKey, keys.localSalt),
      reader: this.#native.openCipher(keys.profile, keys.remoteKey, keys.remoteSalt),
      payloadType: media.codecs[0].payloadType,
      ssrc: media.localSsrc,
      client,
    });
  }

  /** Publishes plain RTP to a UDP port. */
  publishPlain(host: string, port: number, address: string): void {
    const { index } = this.sockets.open(address);
    const to = socketAddress(host, port);
    this.#add({
      socket: index,
      destination: () => to,
      cipher: null,
      reader: null,
      payloadType: 96,
      ssrc: 4711,
      client: null,
    });
  }

  /** Sets what is sent from now on; frames of several publishers are spread over time. */
  setLoad(load: Load): void {
    this.#load = load;
    const periodUs = this.#periodUs();
    const nowUs = realTimeUs();
    this.#sending.forEach((each, i) => each.nextUs = nowUs + periodUs * i / this.#sending.length);
  }

  /** Sends what is due; returns milliseconds until more is. */
  tick(): number {
    const nowUs = realTimeUs();
    const periodUs = this.#periodUs();
    let nextUs = nowUs + 10_000;
    for (const publisher of this.#sending) {
      if (publisher.nextUs <= nowUs) {
        this.#sendFrame(publisher);
        publisher.nextUs = Math.max(publisher.nextUs + periodUs, nowUs - 4 * periodUs);
      }
      nextUs = Math.min(nextUs, publisher.nextUs);
    }
    return Math.max(0, (nextUs - realTimeUs()) / 1000);
  }

  #periodUs(): number {
    return this.#load.pps > 0 ? this.#load.burst * 1e6 / this.#load.pps : Infinity;
  }

  #add(publisher: Omit<Publisher, "sequence" | "frame" | "nextUs" | "keyframeAsked">): void {
    const whole = { ...publisher, sequence: 0, frame: 0, nextUs: realTimeUs(), keyframeAsked: true };
    this.#bySocket[publisher.socket] = whole;
    this.#sending.push(whole);
  }

  #sendFrame(publisher: Publisher): void {
    const { burst, packetBytes } = this.#load;
    const isKeyframe = publisher.keyframeAsked || publisher.frame % KEYFRAME_EVERY === 0;
    publisher.keyframeAsked = false;
    for (let i = 0; i < burst; i++) {
      const payloadBytes = packetBytes - RTP_HEADER_BYTES - (i & 1);
      writeVp8(this.#sourceView, 0, i === 0, isKeyframe);
      writeTime(this.#sourceView, 0, realTimeUs());
      this.#sendPacket(publisher, payloadBytes, i === burst - 1);
    }
    publisher.frame++;
  }

  #sendPacket(publisher: Publisher, payloadBytes: number, isLast: boolean): void {
    const { cipher, ssrc, sequence } = publisher;
    const low = sequence & 0xffff;
    const { bytes } = this.#packet;
    writeHeader(bytes, 0, isLast, publisher.payloadType, low, (publisher.frame * 3000) >>> 0, ssrc);
    let length = RTP_HEADER_BYTES + payloadBytes;
    if (cipher) {
      const rollover = Math.floor(sequence / 65536);
      length = cipher.protectRtp(
        this.#packet,
        0,
        RTP_HEADER_BYTES,
        this.#source,
        0,
        payloadBytes,
        ssrc,
        rollover,
        low,
      );
    } else bytes.set(this.#source.bytes.subarray(0, payloadBytes), RTP_HEADER_BYTES);
    this.sockets.send(
      publisher.socket,
      BigInt(this.#packet.address),
      BigInt(length),
      publisher.destination(),
    );
    publisher.sequence++;
    this.packetsSent++;
  }

  #take(index: number, count: number): void {
    const owner = this.#bySocket[index];
    const { slots, length } = this.sockets;
    for (let slot = 0; slot < count; slot++) {
      const at = slot * SLOT_BYTES;
      const kind = packetKind(slots.bytes, at, length[slot]);
      if (kind === KIND_RTCP && "cipher" in owner) this.#readRtcp(owner, at, length[slot]);
      else if (kind === KIND_STUN || kind === KIND_DTLS) this.#control(owner, slot, kind);
    }
  }

  #control(owner: Publisher | Client, slot: number, kind: number): void {
    const peer = "peer" in owner ? owner.peer : owner.client?.peer;
    const bytes = this.sockets.slots.bytes.slice(
      slot * SLOT_BYTES,
      slot * SLOT_BYTES + this.sockets.length[slot],
    );
    if (kind === KIND_STUN) peer?.handleStun(this.sockets.from(slot), bytes);
    else peer?.handleDtls(this.sockets.from(slot), bytes);
  }

  #readRtcp(publisher: Publisher, at: number, length: number): void {
    const { slots } = this.sockets;
    const end = at + (publisher.reader?.unprotectRtcp(slots, at, length) ?? -1);
    for (let offset = at; offset < end;) {
      const size = rtcpLength(slots.bytes, offset, end);
      if (size <= 0) return;
      if (rtcpType(slots.bytes, offset) === PSFB && rtcpCount(slots.bytes, offset) === FMT_PLI) {
        publisher.keyframeAsked = true;
        this.keyframeRequests++;
      }
      offset += size;
    }
  }
}

/** POSTs an offer as WHIP and WHEP want it. */
export async function postOffer(url: string, offer: string): Promise<{ answer: string; location: string }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: offer,
  });
  const answer = await response.text();
  if (response.status !== 201) {
    throw new Error(`Cannot open a session at ${url}: ${response.status} ${answer}`);
  }
  return { answer, location: new URL(response.headers.get("location") ?? "", url).href };
}
