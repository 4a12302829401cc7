import type { PeerWish } from "../module/mod.ts";
import { codecCatalogue, type FormatsAtHand, type IceOptions, type PeerOptions } from "../peer/mod.ts";

/** Codec names this server passes through, in its own order of preference. */
export const passedThrough = { audio: codecNames("audio"), video: codecNames("video") };

/**
 * What the room of peers is asked for when an element wishes for a peer. `atHand` gives what feeds the element now, and
 * what that can be made into: a viewer that comes by WHEP must be able to take some of it.
 */
export function peerOptions(
  wish: PeerWish,
  iceDefaults: IceOptions,
  atHand: (media: "audio" | "video") => FormatsAtHand | null,
): PeerOptions {
  const mustFit = wish.send && wish.rules === "whep";
  return {
    receive: wish.receive,
    send: wish.send,
    whip: wish.rules,
    maxReceiveKbps: wish.maxReceiveKbps,
    codecs: { audio: codecsOf(wish, "audio"), video: codecsOf(wish, "video") },
    requiredFormats: {
      audio: mustFit ? atHand("audio") : null,
      video: mustFit ? atHand("video") : null,
    },
    data: wish.data ?? false,
    certificateKeyType: wish.certificateKeyType ?? "ECDSA",
    ice: { ...iceDefaults, ...wish.ice },
  };
}

export function codecsOf(wish: Pick<PeerWish, "onlyCodecs">, media: "audio" | "video"): string[] {
  const only = wish.onlyCodecs?.[media];
  return only ? passedThrough[media].filter((codec) => only.includes(codec)) : passedThrough[media];
}

function codecNames(kind: string): string[] {
  return codecCatalogue.filter((entry) => entry.kind === kind).map((entry) => entry.codec);
}
