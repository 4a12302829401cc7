import type { PayloadSpec, ReceiverSpec } from "./control.ts";
import type { Format, FormatTable } from "./formats.ts";
import type { PacketRing } from "./packet_ring.ts";
import { RembTeller } from "./remb_teller.ts";
import type { Source } from "./source.ts";
import type { Transport } from "./transport.ts";

/** What a payload type means on one m-line that we receive. */
export interface ReceivedPayload {
  readonly spec: PayloadSpec;
  readonly format: Format;
  /**
   * Slots of the parameter sets that go before each keyframe, all of them twice: those of the keyframe before are in the
   * history still, for who began with it in this turn.
   */
  readonly setSlots: Int32Array;
  /** The next keyframe's begin here: at the start, or half way. */
  nextSet: number;
}

/** One m-line that a peer sends to us, with its tables by payload type. */
export class Receiver {
  readonly spec: ReceiverSpec;
  readonly transport: Transport;
  readonly source: Source;
  /** Grows with each receiver opened: of two that fill one source, the younger is the publisher who came back. */
  readonly order: number;
  /** By payload type, 128 entries. */
  readonly payloads: (ReceivedPayload | null)[] = Array(128).fill(null);
  /** By RTX payload type: the payload type that it repairs (RFC 4588 `apt`), or -1. */
  readonly repairs = new Int16Array(128).fill(-1);
  readonly nackWanted: boolean;
  readonly pliWanted: boolean;
  readonly firWanted: boolean;
  readonly rembWanted: boolean;
  /** Its sender measures the path by itself, from transport-wide feedback. */
  readonly estimates: boolean;
  /** Of what is encoded here: what its encoder was told. */
  readonly teller: RembTeller | null;

  constructor(
    spec: ReceiverSpec,
    transport: Transport,
    source: Source,
    order: number,
    formats: FormatTable,
    ring: PacketRing,
  ) {
    this.spec = spec;
    this.transport = transport;
    this.source = source;
    this.order = order;
    for (const payload of spec.payloads) {
      const format = formats.intern(payload);
      if (format) {
        // Layers of simulcast differ in what stands in them.
        const setSlots = spec.rids.length > 0 ? noSlots : takeSlots(ring, payload.parameterSets ?? []);
        this.payloads[payload.payloadType & 127] = { spec: payload, format, setSlots, nextSet: 0 };
      }
      if (payload.rtxPayloadType !== null) this.repairs[payload.rtxPayloadType & 127] = payload.payloadType;
    }
    this.nackWanted = spec.payloads.some((payload) => payload.feedback.nack);
    this.pliWanted = spec.payloads.some((payload) => payload.feedback.pli);
    this.firWanted = spec.payloads.some((payload) => payload.feedback.fir);
    this.rembWanted = spec.payloads.some((payload) => payload.feedback.remb);
    this.teller = spec.followsSinks ? new RembTeller() : null;
    this.estimates = spec.payloads.some((payload) => payload.feedback.transportCc);
  }

  /** It is closed: others may have its slots. */
  release(ring: PacketRing): void {
    for (const payload of this.payloads) payload?.setSlots.forEach((slot) => ring.releaseSpare(slot));
  }

  /** True where the m-line negotiated `payloadType`, be it for media or for RTX. */
  takes(payloadType: number): boolean {
    return this.payloads[payloadType] !== null || this.repairs[payloadType] >= 0;
  }
}

const noSlots = new Int32Array(0);

/** All of them, or none: one parameter set is no use without the other. */
function takeSlots(ring: PacketRing, sets: readonly Uint8Array[]): Int32Array {
  const slots = [...sets, ...sets].map((set) => ring.takeSpare(set));
  if (!slots.includes(-1)) return Int32Array.from(slots);
  slots.filter((slot) => slot >= 0).forEach((slot) => ring.releaseSpare(slot));
  return noSlots;
}
