import { RtcpRrPacket } from "werift";
import { expect, test } from "vitest";
import { guarded, hex, seededNumbers } from "../../test/kit/wire.ts";
import * as rtp from "./mod.ts";

type Reader = (bytes: Uint8Array, offset: number, length: number) => void;

/** Calls `read` for each index below a count that may be -1. */
function each(count: number, read: (index: number) => void): void {
  for (let i = 0; i < count; i++) read(i);
}

const table = new rtp.ExtensionTable();
const arrivals = new Float64Array(500);

/** Every reader of the room as its callers use it: the check first, the fields after it. */
const readers: Record<string, Reader> = {
  packetKind: (b, o, n) => void rtp.packetKind(b, o, n),
  header: (b, o, n) => {
    if (rtp.headerLength(b, o, n) < 0) return;
    for (const field of [rtp.marker, rtp.payloadType, rtp.sequenceNumber, rtp.timestamp, rtp.ssrc]) {
      field(b, o);
    }
    rtp.paddingLength(b, o, n);
  },
  extensions: (b, o, n) => {
    if (rtp.headerLength(b, o, n) < 0) return;
    each(rtp.readExtensions(b, o, table), (i) => {
      if (table.offsets[i] + table.lengths[i] > o + n) throw new RangeError("element outside the packet");
    });
  },
  rtcpLength: (b, o, n) => void rtp.rtcpLength(b, o, o + n),
  senderReport: rtcp((b, o, n) => {
    each(rtp.senderReportBlockCount(b, o, n), (i) => rtp.reportBlockDelay(b, rtp.senderReportBlock(o, i)));
    if (rtp.senderReportBlockCount(b, o, n) >= 0) rtp.senderReportOctetCount(b, o);
  }),
  receiverReport: rtcp((b, o, n) => {
    each(
      rtp.receiverReportBlockCount(b, o, n),
      (i) => rtp.reportBlockDelay(b, rtp.receiverReportBlock(o, i)),
    );
  }),
  sdes: rtcp((b, o, n) => {
    const at = rtp.sdesCname(b, o, n, 1);
    if (at >= 0 && at + b[at - 1] > o + n) throw new RangeError("text outside the packet");
  }),
  bye: rtcp((b, o, n) => each(rtp.byeCount(b, o, n), (i) => rtp.byeSsrc(b, o, i))),
  nack: rtcp((b, o, n) => each(rtp.nackCount(b, o, n), (i) => rtp.nackBlp(b, o, i))),
  fir: rtcp((b, o, n) => each(rtp.firCount(b, o, n), (i) => rtp.firSequence(b, o, i))),
  remb: rtcp((b, o, n) => {
    each(rtp.rembSsrcCount(b, o, n), (i) => rtp.rembSsrc(b, o, i));
    if (rtp.rembSsrcCount(b, o, n) >= 0) rtp.rembBitrateBps(b, o);
  }),
  transportFeedback: rtcp((b, o, n) => void rtp.readTransportFeedback(b, o, n, arrivals)),
  VP8: rtp.keyframeDetector("VP8"),
  VP9: rtp.keyframeDetector("VP9"),
  H264: rtp.keyframeDetector("H264"),
  H265: rtp.keyframeDetector("H265"),
  AV1: rtp.keyframeDetector("AV1"),
};

/** A reader that is only called for what `rtcpLength` lets through, with the length it gives. */
function rtcp(read: Reader): Reader {
  return (bytes, offset, length) => {
    const own = rtp.rtcpLength(bytes, offset, offset + length);
    if (own >= 0) read(bytes, offset, own);
  };
}

/** Valid packets of every kind, to be mutated; the payloads of codecs stand behind an RTP header's length. */
const seeds = [
  "b2e0fffe 89abcdef fedcba98 11111111 22222222 bede0002 10aa21bb cc000000 61620002",
  "90600001 00000002 00000003 10000003 01000201 bb000304 dddddddd 6162",
  "81c8000c fedcba98 b44db705 20000000 89abcdef 00000007 ee6b2800 11111111 40000005 0001fffe 0000005a b7052000 00054000",
  "81ca0003 00000001 01036162 63000000",
  "81ca0002 00000001 06016101",
  "82cb0003 00000001 fedcba98 03627965",
  "81cd0004 fedcba98 89abcdef fffe8003 000f0000",
  "84ce0004 fedcba98 00000000 89abcdef ff000000",
  "8fce0006 fedcba98 00000000 52454d42 020fd090 89abcdef 00000002",
  "afcd0006 fa17fa17 00000001 10000003 00000207 20030304 00000003",
  "90f08001 02605000 9d012a",
  "a8800510 008249834200",
  "78000209 f0000467 42e01f00 0268ce",
  "60010003 4401c000 032601af",
  "30 0230aa01 2a08bb",
].map(hex).concat(new Uint8Array(new RtcpRrPacket({ ssrc: 5 }).serialize()));

function mutated(next: (limit: number) => number): Uint8Array {
  const bytes = seeds[next(seeds.length)].slice();
  for (let changes = next(4); changes > 0; changes--) bytes[next(bytes.length)] = next(256);
  return bytes;
}

function random(next: (limit: number) => number): Uint8Array {
  return Uint8Array.from({ length: next(64) }, () => next(256));
}

test.each(Object.keys(readers))(
  "%s neither throws nor reads outside its packet, whatever the bytes",
  (name) => {
    const next = seededNumbers(0x5eed);
    const offset = 5;
    for (let round = 0; round < 2_000; round++) {
      const packet = round % 4 === 0 ? random(next) : mutated(next);
      const buffer = new Uint8Array(offset + packet.length + 40).fill(next(256));
      buffer.set(packet, offset);
      const length = round % 3 === 0 ? next(packet.length + 1) : packet.length;
      try {
        readers[name](guarded(buffer, offset, length), offset, length);
      } catch (error) {
        const text = Array.from(packet, (byte) => byte.toString(16).padStart(2, "0")).join("");
        expect.fail(`${text} with length ${length}: ${error}`);
      }
    }
  },
);

test.each(Object.keys(readers))("%s reads every valid packet cut at every length", (name) => {
  for (const seed of seeds) {
    for (let length = 0; length <= seed.length; length++) {
      expect(() => readers[name](guarded(seed, 0, length), 0, length)).not.toThrow();
    }
  }
});
