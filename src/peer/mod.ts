/** WebRTC sessions: descriptions, ICE on a shared port, DTLS. It forwards no media and opens no socket. */
export * from "./types.ts";
export { createCertificate } from "./certificate.ts";
export { openPeers, type Peers, type PeersCounters } from "./peers.ts";
export { type CatalogueEntry, codecCatalogue } from "./sdp/codec.ts";
export { formatOf } from "./sdp/format.ts";
