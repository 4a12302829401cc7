import { z } from "zod";
import { complexType, enumType, omissible } from "../../module/mod.ts";

export const IceComponentState = enumType(
  "elements",
  "IceComponentState",
  z.enum(["DISCONNECTED", "GATHERING", "CONNECTING", "CONNECTED", "READY", "FAILED"]).describe(
    "State of ICE (RFC 8445) in Kurento's words; READY: connected, and no better pair is looked for",
  ),
);

export const DtlsConnectionState = enumType(
  "elements",
  "DtlsConnectionState",
  z.enum(["NEW", "CLOSED", "FAILED", "CONNECTING", "CONNECTED"]).describe("State of DTLS (RFC 6347)"),
);

export const IceCandidate = complexType(
  "elements",
  "IceCandidate",
  z.strictObject({
    candidate: z.string(),
    sdpMid: omissible(z.string().nullish()),
    sdpMLineIndex: omissible(z.int().min(0).nullish()),
  }).describe("One candidate as RFC 8839 section 5.1 writes it, with the m-line that it belongs to"),
);

export const IceCandidatePair = complexType(
  "elements",
  "IceCandidatePair",
  z.strictObject({
    streamId: z.string(),
    componentId: z.int(),
    localCandidate: z.string(),
    remoteCandidate: z.string(),
  }).describe("Two candidates between which media can travel"),
);

export const IceConnection = complexType(
  "elements",
  "IceConnection",
  z.strictObject({ streamId: z.string(), componentId: z.int(), state: IceComponentState }).describe(
    "ICE state of one component",
  ),
);

export const DtlsConnection = complexType(
  "elements",
  "DtlsConnection",
  z.strictObject({
    streamId: z.string(),
    componentId: z.string(),
    connectionId: z.string(),
    state: DtlsConnectionState,
  }).describe("DTLS state of one component"),
);

export const CertificateKeyType = enumType(
  "elements",
  "CertificateKeyType",
  z.enum(["RSA", "ECDSA"]).describe("Kind of key of the certificate that DTLS shows"),
);
