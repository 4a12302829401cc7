import { annexB, nalUnits } from "./annex_b.ts";
import { joined, type Packetizer, type PayloadAssembler, split } from "./payload_format.ts";

/** What H264 (RFC 6184) and H265 (RFC 7798) do not have in common: the unit header and the numbers of types. */
interface UnitRules {
  headerBytes: number;
  typeOf(unit: Uint8Array): number;
  /** The header of `unit` with another type. */
  retyped(unit: Uint8Array, type: number): Uint8Array;
  aggregate: number;
  fragment: number;
  /** Units that only divide a stream and are left out: access unit delimiters. */
  delimiter: number;
  parameterSets: readonly number[];
  isRandomAccess(type: number): boolean;
}

const h264: UnitRules = {
  headerBytes: 1,
  typeOf: (unit) => unit[0] & 0x1f,
  retyped: (unit, type) => new Uint8Array([(unit[0] & 0xe0) | type]),
  aggregate: 24,
  fragment: 28,
  delimiter: 9,
  parameterSets: [7, 8],
  isRandomAccess: (type) => type === 5,
};

const h265: UnitRules = {
  headerBytes: 2,
  typeOf: (unit) => unit[0] >>> 1 & 0x3f,
  retyped: (unit, type) => new Uint8Array([(unit[0] & 0x81) | type << 1, unit[1]]),
  aggregate: 48,
  fragment: 49,
  delimiter: 35,
  parameterSets: [32, 33, 34],
  isRandomAccess: (type) => type >= 16 && type <= 23,
};

const FIRST = 0x80;
const LAST = 0x40;

/** Parameter sets go together in one aggregation packet, other units alone or in fragments (packetisation mode 1). */
class UnitPacketizer implements Packetizer {
  readonly #rules: UnitRules;

  constructor(rules: UnitRules) {
    this.#rules = rules;
  }

  packetize(frame: Uint8Array, maxBytes: number): Uint8Array[] {
    const { typeOf, parameterSets, delimiter } = this.#rules;
    const units = nalUnits(frame).filter((unit) => typeOf(unit) !== delimiter);
    const sets = units.filter((unit) => parameterSets.includes(typeOf(unit)));
    const others = units.filter((unit) => !parameterSets.includes(typeOf(unit)));
    return [...this.#aggregated(sets, maxBytes), ...others.flatMap((unit) => this.#single(unit, maxBytes))];
  }

  #aggregated(sets: Uint8Array[], maxBytes: number): Uint8Array[] {
    const { headerBytes, retyped, aggregate } = this.#rules;
    const bytes = sets.reduce((sum, unit) => sum + 2 + unit.length, headerBytes);
    if (sets.length < 2 || bytes > maxBytes) return sets.flatMap((unit) => this.#single(unit, maxBytes));
    const sized = sets.flatMap((unit) => [new Uint8Array([unit.length >> 8, unit.length & 0xff]), unit]);
    return [joined([retyped(sets[0], aggregate), ...sized])];
  }

  #single(unit: Uint8Array, maxBytes: number): Uint8Array[] {
    if (unit.length <= maxBytes) return [unit];
    const { headerBytes, typeOf, retyped, fragment } = this.#rules;
    const header = retyped(unit, fragment);
    const parts = split(unit.subarray(headerBytes), maxBytes - headerBytes - 1);
    return parts.map((part, index) => {
      const edges = (index === 0 ? FIRST : 0) | (index === parts.length - 1 ? LAST : 0);
      return joined([header, new Uint8Array([edges | typeOf(unit)]), part]);
    });
  }
}

class UnitAssembler implements PayloadAssembler {
  readonly #rules: UnitRules;
  #units: Uint8Array[] = [];
  #fragments: Uint8Array[] | null = null;

  constructor(rules: UnitRules) {
    this.#rules = rules;
  }

  add(payload: Uint8Array): boolean {
    const { headerBytes, typeOf, aggregate, fragment } = this.#rules;
    if (payload.length <= headerBytes) return false;
    const type = typeOf(payload);
    if (type === fragment) return this.#addFragment(payload);
    if (this.#fragments) return false;
    if (type === aggregate) return this.#addAggregate(payload);
    if (type > 47 || (headerBytes === 1 && type > 23)) return false;
    this.#units.push(payload);
    return true;
  }

  take() {
    const units = this.#units;
    const broken = this.#fragments !== null;
    this.#units = [];
    this.#fragments = null;
    if (units.length === 0 || broken) return null;
    const keyframe = units.some((unit) => this.#rules.isRandomAccess(this.#rules.typeOf(unit)));
    return { bytes: annexB(units), keyframe };
  }

  #addAggregate(payload: Uint8Array): boolean {
    let at = this.#rules.headerBytes;
    while (at + 2 < payload.length) {
      const size = payload[at] << 8 | payload[at + 1];
      if (size === 0 || at + 2 + size > payload.length) return false;
      this.#units.push(payload.subarray(at + 2, at + 2 + size));
      at += 2 + size;
    }
    return at === payload.length;
  }

  #addFragment(payload: Uint8Array): boolean {
    const { headerBytes, retyped } = this.#rules;
    if (payload.length <= headerBytes + 1) return false;
    const edges = payload[headerBytes];
    const type = headerBytes === 1 ? edges & 0x1f : edges & 0x3f;
    if (((edges & FIRST) !== 0) !== (this.#fragments === null)) return false;
    this.#fragments ??= [retyped(payload, type)];
    this.#fragments.push(payload.subarray(headerBytes + 1));
    if (edges & LAST) {
      this.#units.push(joined(this.#fragments));
      this.#fragments = null;
    }
    return true;
  }
}

export const h264Packetizer = (): Packetizer => new UnitPacketizer(h264);
export const h265Packetizer = (): Packetizer => new UnitPacketizer(h265);
export const h264Assembler = (): PayloadAssembler => new UnitAssembler(h264);
export const h265Assembler = (): PayloadAssembler => new UnitAssembler(h265);
