import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { RtpHeader, SrtcpSession, SrtpSession } from "werift";
import { openPortableCipher } from "./cipher_portable.ts";
import type { SrtpSessionKeys } from "./srtp_key_derivation.ts";
import {
  type DtlsProfile,
  type EncryptingProfile,
  type Memory,
  type Native,
  openNative,
  type SrtpCipher,
  srtpKeyLengths,
} from "./mod.ts";
import { openFfi } from "./native_ffi.ts";

interface Twin {
  native: Native;
  cipherOf(profile: EncryptingProfile, keys: SrtpSessionKeys): SrtpCipher;
}

const twins: Twin[] = [{ native: openNative("portable"), cipherOf: openPortableCipher }];
// On a machine without libcrypto the portable twin is the only one there is.
if (openNative().kind === "ffi") {
  const ffi = openFfi();
  twins.unshift({ native: ffi, cipherOf: ffi.cipherOf });
}

const profiles: DtlsProfile[] = ["AEAD_AES_128_GCM", "AES128_CM_HMAC_SHA1_80"];
const weriftProfile = { AEAD_AES_128_GCM: 7, AES128_CM_HMAC_SHA1_80: 1 };

const hex = (text: string) => new Uint8Array(Buffer.from(text.replace(/\s/g, ""), "hex"));
const asHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const GCM_KEY = hex("000102030405060708090a0b0c0d0e0f");
const GCM_SALT = hex("517569642070726f2071756f");
const GCM_RTP = hex(
  "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573",
);
const GCM_SRTP = hex(
  `8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf88
  33899d7f27beb16a9152cf765ee4390cce`,
);
const GCM_RTCP = hex(
  `81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeef
  deadbeef`,
);
const GCM_SRTCP = hex(
  `81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded
  0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4`,
);

function sessionKeys(cipherKey: Uint8Array, salt: Uint8Array): SrtpSessionKeys {
  const kind = { cipherKey, salt, authKey: new Uint8Array(20) };
  return { rtp: kind, rtcp: kind };
}

/** Memory with room behind and odd bytes before, so that a wrong offset shows. */
function memoryWith(native: Native, bytes: Uint8Array, offset = 13): Memory {
  const memory = native.memory(2048);
  memory.bytes.fill(0xee);
  memory.bytes.set(bytes, offset);
  return memory;
}

function masterKeys(profile: EncryptingProfile): [Uint8Array, Uint8Array] {
  const lengths = srtpKeyLengths[profile];
  return [
    Uint8Array.from({ length: lengths.key }, (_, i) => i * 3 + 1),
    Uint8Array.from({ length: lengths.salt }, (_, i) => 200 - i),
  ];
}

function rtpPacket(sequenceNumber: number, payloadLength: number): Uint8Array {
  const packet = new Uint8Array(12 + payloadLength);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x8060);
  view.setUint16(2, sequenceNumber);
  view.setUint32(4, 0x12345678);
  view.setUint32(8, 0xcafebabe);
  for (let i = 0; i < payloadLength; i++) packet[12 + i] = i * 5;
  return packet;
}

function protectPacket(cipher: SrtpCipher, native: Native, packet: Uint8Array, roc = 0): Uint8Array {
  const memory = memoryWith(native, packet);
  const view = new DataView(packet.buffer);
  const payload = packet.length - 12;
  const length = cipher
    .protectRtp(memory, 13, 12, memory, 25, payload, view.getUint32(8), roc, view.getUint16(2));
  return memory.bytes.slice(13, 13 + length);
}

function unprotectPacket(cipher: SrtpCipher, native: Native, packet: Uint8Array, roc = 0): Uint8Array | null {
  const memory = memoryWith(native, packet);
  const view = new DataView(packet.buffer, packet.byteOffset);
  const length = cipher.unprotectRtp(
    memory,
    13,
    packet.length,
    12,
    view.getUint32(8),
    roc,
    view.getUint16(2),
  );
  return length < 0 ? null : memory.bytes.slice(13, 13 + length);
}

function protectReport(cipher: SrtpCipher, native: Native, packet: Uint8Array, index: number): Uint8Array {
  const memory = memoryWith(native, packet);
  const length = cipher.protectRtcp(memory, 13, packet.length, index);
  return memory.bytes.slice(13, 13 + length);
}

function unprotectReport(cipher: SrtpCipher, native: Native, packet: Uint8Array): Uint8Array | null {
  const memory = memoryWith(native, packet);
  const length = cipher.unprotectRtcp(memory, 13, packet.length);
  return length < 0 ? null : memory.bytes.slice(13, 13 + length);
}

describe.each(twins)("the vectors of the RFCs, $native.kind", ({ native, cipherOf }) => {
  test("RFC 7714 section 16.1: an RTP packet in GCM, both ways", () => {
    const cipher = cipherOf("AEAD_AES_128_GCM", sessionKeys(GCM_KEY, GCM_SALT));
    expect(asHex(protectPacket(cipher, native, GCM_RTP))).toBe(asHex(GCM_SRTP));
    expect(unprotectPacket(cipher, native, GCM_SRTP)).toEqual(GCM_RTP);
  });

  test("RFC 7714 section 17.1: an RTCP packet in GCM, both ways", () => {
    const cipher = cipherOf("AEAD_AES_128_GCM", sessionKeys(GCM_KEY, GCM_SALT));
    expect(asHex(protectReport(cipher, native, GCM_RTCP, 0x5d4))).toBe(asHex(GCM_SRTCP));
    expect(unprotectReport(cipher, native, GCM_SRTCP)).toEqual(GCM_RTCP);
    expect(cipher.rtcpIndex).toBe(0x5d4);
  });

  test("RFC 3711 appendix B.2: the AES-CM keystream", () => {
    const keys = sessionKeys(hex("2B7E151628AED2A6ABF7158809CF4F3C"), hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
    const cipher = cipherOf("AES128_CM_HMAC_SHA1_80", keys);
    const memory = memoryWith(native, new Uint8Array(12 + 48), 0);
    expect(cipher.protectRtp(memory, 0, 12, memory, 12, 48, 0, 0, 0)).toBe(70);
    expect(asHex(memory.bytes.slice(12, 60)).toUpperCase()).toBe(
      "E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0",
    );
  });

  test("an RTP packet under the keys of RFC 3711 appendix B.3, as libsrtp tests it", () => {
    const key = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
    const cipher = native.openCipher("AES128_CM_HMAC_SHA1_80", key, hex("0EC675AD498AFEEBB6960B3AABE6"));
    const plain = hex("800f1234decafbadcafebabeabababababababababababababababab");
    const sealed = protectPacket(cipher, native, plain);
    expect(asHex(sealed)).toBe(
      "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
    );
  });
});

const cases = twins.flatMap((twin) => profiles.map((profile) => ({ ...twin, profile })));

describe.each(cases)("$profile, $native.kind", ({ native, profile }) => {
  const [key, salt] = masterKeys(profile);
  const open = () => native.openCipher(profile, key, salt);
  const weriftKeys = {
    localMasterKey: Buffer.from(key),
    localMasterSalt: Buffer.from(salt),
    remoteMasterKey: Buffer.from(key),
    remoteMasterSalt: Buffer.from(salt),
  };
  const config = { keys: weriftKeys, profile: weriftProfile[profile] };

  test("RTP of every kind of length goes through werift and comes back, in both directions", () => {
    const cipher = open();
    const werift = new SrtpSession(config);
    for (const [i, length] of [1, 15, 16, 17, 100, 1188].entries()) {
      const packet = rtpPacket(500 + i, length);
      const decrypted = werift.decrypt(Buffer.from(protectPacket(cipher, native, packet)));
      expect(asHex(decrypted)).toBe(asHex(packet));
      const header = RtpHeader.deSerialize(Buffer.from(packet));
      const sealed = new Uint8Array(werift.encrypt(Buffer.from(packet.slice(12)), header));
      expect(unprotectPacket(cipher, native, sealed)).toEqual(packet);
    }
    cipher.close();
  });

  test("RTCP goes through werift and comes back, in both directions", () => {
    const cipher = open();
    const werift = new SrtcpSession(config);
    const report = hex("80c90001cafebabe81ce000300000001cafebabe");
    const decrypted = werift.decrypt(Buffer.from(protectReport(cipher, native, report, 77)));
    expect(asHex(decrypted)).toBe(asHex(report));
    expect(unprotectReport(cipher, native, new Uint8Array(werift.encrypt(Buffer.from(report))))).toEqual(
      report,
    );
    cipher.close();
  });

  test("a packet after two rollovers needs the right rollover counter", () => {
    const cipher = open();
    const packet = rtpPacket(3, 50);
    const sealed = protectPacket(cipher, native, packet, 2);
    expect(unprotectPacket(cipher, native, sealed, 2)).toEqual(packet);
    expect(unprotectPacket(cipher, native, sealed, 1)).toBeNull();
    cipher.close();
  });

  test("a changed byte at any position of RTP and RTCP is refused", () => {
    const cipher = open();
    const sealed = protectPacket(cipher, native, rtpPacket(9, 40));
    const report = protectReport(cipher, native, hex("80c90001cafebabe81ce000300000001cafebabe"), 5);
    for (const [packet, unprotect] of [[sealed, unprotectPacket], [report, unprotectReport]] as const) {
      for (let i = 0; i < packet.length; i++) {
        const forged = packet.slice();
        forged[i] ^= 1 << (i % 8);
        expect(unprotect(cipher, native, forged), `byte ${i}`).toBeNull();
      }
      expect(unprotect(cipher, native, packet)).not.toBeNull();
    }
    cipher.close();
  });

  test("packets cut anywhere are refused, down to nothing", () => {
    const cipher = open();
    const sealed = protectPacket(cipher, native, rtpPacket(9, 20));
    const report = protectReport(cipher, native, hex("80c90001cafebabe00000001"), 5);
    const memory = memoryWith(native, sealed);
    for (let length = 0; length < sealed.length; length++) {
      expect(cipher.unprotectRtp(memory, 13, length, 12, 0xcafebabe, 0, 9)).toBe(-1);
    }
    for (let length = 0; length < report.length; length++) {
      expect(cipher.unprotectRtcp(memoryWith(native, report), 13, length)).toBe(-1);
    }
    cipher.close();
  });

  test("SRTCP that says it is not encrypted is refused", () => {
    const cipher = open();
    const report = protectReport(cipher, native, hex("80c90001cafebabe00000001"), 5);
    const flagAt = profile === "AEAD_AES_128_GCM" ? report.length - 4 : report.length - 14;
    report[flagAt] &= 0x7f;
    expect(unprotectReport(cipher, native, report)).toBeNull();
    cipher.close();
  });

  test("the source may be elsewhere and stays as it was; nothing outside the packet is written", () => {
    const cipher = open();
    const packet = rtpPacket(1, 100);
    const source = memoryWith(native, packet.slice(12), 700);
    const target = memoryWith(native, packet.slice(0, 12), 300);
    const length = cipher.protectRtp(target, 300, 12, source, 700, 100, 0xcafebabe, 0, 1);
    expect(length).toBe(112 + cipher.rtpOverhead);
    expect(target.bytes.slice(300, 300 + length)).toEqual(protectPacket(cipher, native, packet));
    expect(source.bytes.slice(700, 800)).toEqual(packet.slice(12));
    expect(target.bytes.slice(0, 300).every((byte) => byte === 0xee)).toBe(true);
    expect(target.bytes.slice(300 + length).every((byte) => byte === 0xee)).toBe(true);
    cipher.close();
  });

  test("a packet without payload keeps its tag", () => {
    const cipher = open();
    const sealed = protectPacket(cipher, native, rtpPacket(4, 0));
    expect(sealed.length).toBe(12 + cipher.rtpOverhead);
    expect(unprotectPacket(cipher, native, sealed)).toEqual(rtpPacket(4, 0));
    cipher.close();
  });

  test("spans outside the memory are refused instead of touched", () => {
    const cipher = open();
    const memory = native.memory(64);
    expect(cipher.protectRtp(memory, 0, 12, memory, 12, 52, 1, 0, 1)).toBe(0);
    expect(cipher.protectRtp(memory, 0, 12, memory, 40, 30, 1, 0, 1)).toBe(0);
    expect(cipher.unprotectRtp(memory, 10, 64, 12, 1, 0, 1)).toBe(-1);
    expect(cipher.protectRtcp(memory, 0, 60, 1)).toBe(0);
    cipher.close();
  });

  test("a closed cipher refuses everything and closes twice", () => {
    const cipher = open();
    cipher.close();
    cipher.close();
    expect(protectPacket(cipher, native, rtpPacket(1, 10)).length).toBe(0);
    expect(unprotectPacket(cipher, native, rtpPacket(1, 60))).toBeNull();
  });
});

const sdesProfiles = [
  ["AES128_CM_HMAC_SHA1_32", 4, 10],
  ["AES256_CM_HMAC_SHA1_80", 10, 10],
  ["AES256_CM_HMAC_SHA1_32", 4, 10],
  ["AEAD_AES_256_GCM", 16, 16],
] as const;
const sdesCases = twins.flatMap(({ native }) =>
  sdesProfiles.map(([profile, rtpTag, rtcpTag]) => ({ native, profile, rtpTag, rtcpTag }))
);

describe.each(sdesCases)("$profile, $native.kind", ({ native, profile, rtpTag, rtcpTag }) => {
  const [key, salt] = masterKeys(profile);
  const open = (of: Native = native) => of.openCipher(profile, key, salt);
  const report = hex("80c90001cafebabe81ce000300000001cafebabe");

  test("every twin reads what every other one wrote, and tags are as long as the RFCs say", () => {
    const cipher = open();
    expect([cipher.profile, cipher.rtpOverhead, cipher.rtcpOverhead]).toEqual([profile, rtpTag, rtcpTag + 4]);
    for (const { native: other } of twins) {
      for (const length of [0, 1, 15, 16, 1188]) {
        const packet = rtpPacket(9, length);
        const sealed = protectPacket(cipher, native, packet, 3);
        expect(sealed.length).toBe(packet.length + rtpTag);
        expect(unprotectPacket(open(other), other, sealed, 3)).toEqual(packet);
      }
      const sealed = protectReport(cipher, native, report, 77);
      expect(sealed.length).toBe(report.length + rtcpTag + 4);
      const reader = open(other);
      expect(unprotectReport(reader, other, sealed)).toEqual(report);
      expect(reader.rtcpIndex).toBe(77);
    }
  });

  test("a changed bit anywhere, another counter and another key are refused", () => {
    const cipher = open();
    const sealed = protectPacket(cipher, native, rtpPacket(9, 40), 3);
    for (let at = 0; at < sealed.length; at += at < 12 ? 1 : 3) {
      const changed = sealed.slice();
      changed[at] ^= 4;
      expect(unprotectPacket(cipher, native, changed, 3), `byte ${at}`).toBeNull();
    }
    expect(unprotectPacket(cipher, native, sealed, 4)).toBeNull();
    const other = native.openCipher(profile, key.map((byte) => byte ^ 1), salt);
    expect(unprotectPacket(other, native, sealed, 3)).toBeNull();
    const sealedReport = protectReport(cipher, native, report, 77);
    for (let at = 0; at < sealedReport.length; at++) {
      const changed = sealedReport.slice();
      changed[at] ^= 4;
      expect(unprotectReport(cipher, native, changed), `byte ${at}`).toBeNull();
    }
  });
});

describe.each(twins)("no protection, $native.kind", ({ native }) => {
  const open = () => native.openCipher("NONE", new Uint8Array(0), new Uint8Array(0));
  const report = hex("80c90001cafebabe81ce000300000001cafebabe");

  test("RTP and RTCP leave and come as they are", () => {
    const cipher = open();
    for (const length of [0, 1, 15, 1188]) {
      const packet = rtpPacket(7, length);
      expect(protectPacket(cipher, native, packet)).toEqual(packet);
      expect(unprotectPacket(cipher, native, packet)).toEqual(packet);
    }
    expect(protectReport(cipher, native, report, 5)).toEqual(report);
    expect(unprotectReport(cipher, native, report)).toEqual(report);
    expect([cipher.rtpOverhead, cipher.rtcpOverhead]).toEqual([0, 0]);
  });

  test("the payload moves behind its header; what is around, and the source, stay as they were", () => {
    const cipher = open();
    const packet = rtpPacket(1, 100);
    const source = memoryWith(native, packet.slice(12), 700);
    const target = memoryWith(native, packet.slice(0, 12), 300);
    expect(cipher.protectRtp(target, 300, 12, source, 700, 100, 0xcafebabe, 0, 1)).toBe(112);
    expect(target.bytes.slice(300, 412)).toEqual(packet);
    expect(source.bytes.slice(700, 800)).toEqual(packet.slice(12));
    expect(target.bytes.slice(0, 300).every((byte) => byte === 0xee)).toBe(true);
    expect(target.bytes.slice(412).every((byte) => byte === 0xee)).toBe(true);
  });

  test("each report counts as a new one, so that none is taken for a replay", () => {
    const cipher = open();
    const indices = [1, 2, 3].map(() => {
      unprotectReport(cipher, native, report);
      return cipher.rtcpIndex;
    });
    expect(indices).toEqual([0, 1, 2]);
  });

  test("what is too short, lies outside its memory, or comes after the end is refused", () => {
    const cipher = open();
    const memory = native.memory(64);
    expect(cipher.protectRtp(memory, 0, 12, memory, 40, 30, 1, 0, 1)).toBe(0);
    expect(cipher.protectRtp(memory, 50, 12, memory, 0, 3, 1, 0, 1)).toBe(0);
    expect(cipher.unprotectRtp(memory, 10, 64, 12, 1, 0, 1)).toBe(-1);
    expect(cipher.unprotectRtp(memory, 0, 8, 12, 1, 0, 1)).toBe(-1);
    expect(cipher.protectRtcp(memory, 0, 65, 1)).toBe(0);
    expect(unprotectReport(cipher, native, report.slice(0, 4))).toBeNull();
    cipher.close();
    cipher.close();
    expect(protectPacket(cipher, native, rtpPacket(1, 10)).length).toBe(0);
    expect(unprotectPacket(cipher, native, rtpPacket(1, 10))).toBeNull();
    expect(protectReport(cipher, native, report, 1).length).toBe(0);
    expect(unprotectReport(cipher, native, report)).toBeNull();
  });
});
