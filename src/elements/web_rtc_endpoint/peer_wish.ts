import { codePointOf, descriptionTerms, type ElementContext, type PeerWish } from "../../module/mod.ts";
import { iceOptionsOf } from "./ice_options.ts";
import type { EndpointOptions } from "./mod.ts";

/** How a peer comes about. */
export interface NegotiationTerms {
  /** Null for negotiation by operations. */
  rules: PeerWish["rules"];
  /** The other side makes the offer. */
  offered: boolean;
}

/** By operations of the endpoint, whoever makes the offer. */
export const byOperations: NegotiationTerms = { rules: null, offered: false };

/**
 * The peer that an endpoint with these options and properties wants. A session of WHIP or WHEP has data channels only
 * where its client offers them: a viewer who asks for an offer asks for media. A session of WHIP or WHEP shows the ECDSA certificate whatever `certificateKeyType` says: every client takes it
 * (RFC 8827 section 6.5), and with RSA a join costs the server nearly three times the CPU in DTLS.
 */
export function wishOf(
  ctx: Pick<ElementContext, "property">,
  options: EndpointOptions,
  { rules, offered }: NegotiationTerms,
): PeerWish {
  return {
    receive: rules === null ? !options.sendonly : rules === "whip",
    send: rules === null ? !options.recvonly : rules === "whep",
    rules,
    ...descriptionTerms(ctx),
    data: options.useDataChannels && (rules === null || offered),
    certificateKeyType: rules === null ? options.certificateKeyType : "ECDSA",
    ice: iceOptionsOf(ctx),
    dscp: codePointOf(options.qosDscp),
  };
}
