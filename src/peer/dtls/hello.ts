import { ByteReader, join, uint, vector } from "./byte_reader.ts";
import { HandshakeFailure } from "./failure.ts";
import { groups } from "./key_exchange.ts";
import { DTLS_1_2 } from "./record.ts";
import { verifiableSchemes } from "./signature.ts";

/** ECDHE with AES-128-GCM and SHA-256; by the kind of the server's certificate. */
export const suites = { ECDSA: 0xc02b, RSA: 0xc02f } as const;

/** SRTP protection profiles (RFC 5764 section 4.1.2, RFC 7714 section 14.2), in order of preference. */
export const srtpProfiles = [
  { id: 0x0007, profile: "AEAD_AES_128_GCM" },
  { id: 0x0001, profile: "AES128_CM_HMAC_SHA1_80" },
] as const;

const EXTENSION = {
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  renegotiationInfo: 0xff01,
} as const;

const NO_COMPRESSION = 0;

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 section 3.3). */
const RENEGOTIATION_SCSV = 0x00ff;

/** The parts of a ClientHello (RFC 5246 section 7.4.1.2) that are looked at. */
export interface ClientHello {
  version: number;
  random: Uint8Array;
  suites: number[];
  groups: number[];
  /** Null when the extension is absent. */
  signatureSchemes: number[] | null;
  srtpProfiles: number[];
  extendedMasterSecret: boolean;
  secureRenegotiation: boolean;
  pointFormats: boolean;
}

export function readClientHello(body: Uint8Array): ClientHello {
  const reader = new ByteReader(body);
  const version = reader.uint(2);
  const random = reader.take(32).slice();
  reader.vector(1); // session id: sessions are never resumed
  reader.vector(1); // cookie: none was asked for
  const offered = reader.numbers(2);
  if (!reader.vector(1).includes(NO_COMPRESSION)) {
    throw new HandshakeFailure("illegal_parameter", "the client insists on compression");
  }
  const extensions = readExtensions(reader);
  requireFirstNegotiation(extensions);
  return {
    version,
    random,
    suites: offered,
    groups: numbersOf(extensions, EXTENSION.supportedGroups) ?? [groups.secp256r1],
    signatureSchemes: numbersOf(extensions, EXTENSION.signatureAlgorithms),
    srtpProfiles: numbersOf(extensions, EXTENSION.useSrtp) ?? [],
    extendedMasterSecret: extensions.has(EXTENSION.extendedMasterSecret),
    secureRenegotiation: extensions.has(EXTENSION.renegotiationInfo) || offered.includes(RENEGOTIATION_SCSV),
    pointFormats: extensions.has(EXTENSION.pointFormats),
  };
}

export function writeClientHello(random: Uint8Array, cookie: Uint8Array): Uint8Array {
  const list = (values: readonly number[]) => vector(2, ...values.map((value) => uint(value, 2)));
  return join(
    uint(DTLS_1_2, 2),
    random,
    vector(1),
    vector(1, cookie),
    list([suites.ECDSA, suites.RSA]),
    vector(1, uint(NO_COMPRESSION, 1)),
    vector(
      2,
      extension(EXTENSION.extendedMasterSecret),
      extension(EXTENSION.renegotiationInfo, vector(1)),
      extension(EXTENSION.supportedGroups, list(Object.values(groups))),
      extension(EXTENSION.pointFormats, vector(1, uint(0, 1))),
      extension(EXTENSION.signatureAlgorithms, list(verifiableSchemes)),
      extension(EXTENSION.useSrtp, list(srtpProfiles.map((p) => p.id)), vector(1)),
    ),
  );
}

/** The parts of a ServerHello that are looked at. */
export interface ServerHello {
  version: number;
  random: Uint8Array;
  suite: number;
  srtpProfile: number | null;
  extendedMasterSecret: boolean;
}

export function readServerHello(body: Uint8Array): ServerHello {
  const reader = new ByteReader(body);
  const version = reader.uint(2);
  const random = reader.take(32).slice();
  reader.vector(1);
  const suite = reader.uint(2);
  if (reader.uint(1) !== NO_COMPRESSION) {
    throw new HandshakeFailure("illegal_parameter", "the server chose a compression that was not offered");
  }
  const extensions = readExtensions(reader);
  requireFirstNegotiation(extensions);
  return {
    version,
    random,
    suite,
    srtpProfile: chosenProfile(extensions.get(EXTENSION.useSrtp)),
    extendedMasterSecret: extensions.has(EXTENSION.extendedMasterSecret),
  };
}

/** The ServerHello that answers `hello`; only extensions that it has. */
export function writeServerHello(
  random: Uint8Array,
  hello: ClientHello,
  { suite, srtpProfile }: { suite: number; srtpProfile: number },
): Uint8Array {
  const extensions = [extension(EXTENSION.useSrtp, vector(2, uint(srtpProfile, 2)), vector(1))];
  if (hello.extendedMasterSecret) extensions.push(extension(EXTENSION.extendedMasterSecret));
  if (hello.secureRenegotiation) extensions.push(extension(EXTENSION.renegotiationInfo, vector(1)));
  if (hello.pointFormats) extensions.push(extension(EXTENSION.pointFormats, vector(1, uint(0, 1))));
  return join(
    uint(DTLS_1_2, 2),
    random,
    vector(1),
    uint(suite, 2),
    uint(NO_COMPRESSION, 1),
    vector(2, ...extensions),
  );
}

function extension(type: number, ...parts: Uint8Array[]): Uint8Array {
  return join(uint(type, 2), vector(2, ...parts));
}

function readExtensions(reader: ByteReader): Map<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>();
  if (reader.left === 0) return extensions;
  const list = new ByteReader(reader.vector(2));
  reader.end();
  while (list.left > 0) {
    const type = list.uint(2);
    if (extensions.has(type)) throw new HandshakeFailure("decode_error", `extension ${type} came twice`);
    extensions.set(type, list.vector(2));
  }
  return extensions;
}

/** No handshake here follows another, so there is nothing to renegotiate (RFC 5746 sections 3.4 and 3.6). */
function requireFirstNegotiation(extensions: Map<number, Uint8Array>): void {
  const info = extensions.get(EXTENSION.renegotiationInfo);
  if (info && !(info.length === 1 && info[0] === 0)) {
    throw new HandshakeFailure("handshake_failure", "the other side takes this for a renegotiation");
  }
}

/** The one profile of a server's use_srtp; an MKI was not offered, so there must be none (RFC 5764 section 4.1.3). */
function chosenProfile(value: Uint8Array | undefined): number | null {
  if (!value) return null;
  const reader = new ByteReader(value);
  const profiles = reader.numbers(2);
  if (profiles.length !== 1 || reader.vector(1).length > 0) {
    throw new HandshakeFailure("illegal_parameter", "the server chose no single SRTP profile without an MKI");
  }
  return profiles[0];
}

function numbersOf(extensions: Map<number, Uint8Array>, type: number): number[] | null {
  const value = extensions.get(type);
  return value ? new ByteReader(value).numbers(2) : null;
}
