/** WebRTC sessions: descriptions, ICE on a shared port, DTLS. It forwards no media and opens no socket. */
export * from "./types.ts";
export { readCertificate } from "./certificate_pem.ts";
export { openCertificates } from "./certificates.ts";
export { openPeers, type Peers, type PeersCounters } from "./peers.ts";
export { type CatalogueEntry, codecCatalogue } from "./sdp/codec.ts";
export { formatOf } from "./sdp/format.ts";
export { openRtpSession } from "./rtp/rtp_session.ts";
export type * from "./rtp/types.ts";
