import { createCipheriv, createDecipheriv } from "node:crypto";
import { join, uint } from "./byte_reader.ts";
import { DTLS_1_2, type DtlsRecord, recordNumber } from "./record.ts";

/** Key and implicit nonce of one direction. */
export interface WriteKeys {
  /** 16 bytes. */
  key: Uint8Array;
  /** 4 bytes. */
  salt: Uint8Array;
}

const EXPLICIT_NONCE_BYTES = 8;
const TAG_BYTES = 16;

/** The record with its fragment protected by AES-128-GCM (RFC 5288 section 3). */
export function protect(keys: WriteKeys, record: DtlsRecord): DtlsRecord {
  const explicit = recordNumber(record);
  const cipher = createCipheriv("aes-128-gcm", keys.key, join(keys.salt, explicit));
  cipher.setAAD(additionalData(record, record.fragment.length));
  const body = join(cipher.update(record.fragment), cipher.final());
  return { ...record, fragment: join(explicit, body, cipher.getAuthTag()) };
}

/** The plain fragment, or null when the record is not authentic. */
export function unprotect(keys: WriteKeys, record: DtlsRecord): Uint8Array | null {
  const length = record.fragment.length - EXPLICIT_NONCE_BYTES - TAG_BYTES;
  if (length < 0) return null;
  const explicit = record.fragment.subarray(0, EXPLICIT_NONCE_BYTES);
  const decipher = createDecipheriv("aes-128-gcm", keys.key, join(keys.salt, explicit));
  decipher.setAAD(additionalData(record, length));
  decipher.setAuthTag(record.fragment.subarray(EXPLICIT_NONCE_BYTES + length));
  try {
    const body = decipher.update(
      record.fragment.subarray(EXPLICIT_NONCE_BYTES, EXPLICIT_NONCE_BYTES + length),
    );
    return join(body, decipher.final());
  } catch {
    return null;
  }
}

function additionalData(record: DtlsRecord, plainLength: number): Uint8Array {
  return join(recordNumber(record), uint(record.contentType, 1), uint(DTLS_1_2, 2), uint(plainLength, 2));
}
