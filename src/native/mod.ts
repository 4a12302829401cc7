export * from "./types.ts";
export { ecdsaP256, isP256KeyInfo } from "./ecdsa_p256.ts";
export { openNative } from "./open_native.ts";
export { openUdpConversation, type UdpConversation } from "./udp_conversation.ts";
