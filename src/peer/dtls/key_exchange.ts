import { Buffer } from "node:buffer";
import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";
import { HandshakeFailure } from "./failure.ts";

/** Groups for the ephemeral keys (RFC 8422 section 5.1.1), in order of preference. */
export const groups = { x25519: 29, secp256r1: 23 } as const;
export type Group = (typeof groups)[keyof typeof groups];

/** An ephemeral key of ours. */
export interface EphemeralKey {
  group: Group;
  publicKey: Uint8Array;
  /** The shared secret with the other side's public key; throws HandshakeFailure when that is no point of the group. */
  agree(remotePublicKey: Uint8Array): Uint8Array;
}

/** SubjectPublicKeyInfo of an X25519 key up to the key itself (RFC 8410 section 4). */
const x25519Prefix = Buffer.from("302a300506032b656e032100", "hex");

export function newEphemeralKey(group: Group): EphemeralKey {
  return group === groups.x25519 ? newX25519() : newP256();
}

function newX25519(): EphemeralKey {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  return {
    group: groups.x25519,
    publicKey: publicKey.export({ type: "spki", format: "der" }).subarray(x25519Prefix.length),
    agree: guarded((remote) => {
      const key = Buffer.concat([x25519Prefix, remote]);
      return diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: "der", type: "spki" }) });
    }),
  };
}

function newP256(): EphemeralKey {
  const ecdh = createECDH("prime256v1");
  return {
    group: groups.secp256r1,
    publicKey: ecdh.generateKeys(),
    agree: guarded((remote) => ecdh.computeSecret(remote)),
  };
}

function guarded(agree: (remote: Uint8Array) => Uint8Array): (remote: Uint8Array) => Uint8Array {
  return (remote) => {
    try {
      const secret = agree(remote);
      // RFC 7748 section 6.1: an all-zero secret means a point of small order.
      if (secret.some((byte) => byte !== 0)) return secret;
    } catch {
      // The same failure as an all-zero secret.
    }
    throw new HandshakeFailure(
      "illegal_parameter",
      "the public key of the other side is no point of the group",
    );
  };
}
