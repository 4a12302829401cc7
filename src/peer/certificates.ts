import { createCertificate } from "./certificate.ts";
import type { DtlsCertificate, DtlsCertificates } from "./types.ts";

/**
 * The certificates of this process, one per key type: the given ones, and new ones for the rest. Every session uses
 * them, so none pays for a key of its own.
 */
export async function openCertificates(
  given: { RSA?: DtlsCertificate | null; ECDSA?: DtlsCertificate | null } = {},
): Promise<DtlsCertificates> {
  const [RSA, ECDSA] = await Promise.all([
    given.RSA ?? createCertificate("RSA"),
    given.ECDSA ?? createCertificate("ECDSA"),
  ]);
  return { RSA, ECDSA };
}
