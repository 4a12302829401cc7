import { join, uint } from "./byte_reader.ts";

/** RFC 6347 section 4.1. */
export const CONTENT = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

/** DTLS 1.2, as in the record header and in hellos. */
export const DTLS_1_2 = 0xfefd;

const RECORD_HEADER_BYTES = 13;

/** One record of a datagram. */
export interface DtlsRecord {
  contentType: number;
  epoch: number;
  /** 48 bits. */
  sequence: number;
  fragment: Uint8Array;
}

/** The records of a datagram; what does not look like one ends the list (RFC 6347 section 4.1.2.7: drop silently). */
export function readRecords(datagram: Uint8Array): DtlsRecord[] {
  const records: DtlsRecord[] = [];
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  let at = 0;
  while (at + RECORD_HEADER_BYTES <= datagram.length) {
    const end = at + RECORD_HEADER_BYTES + view.getUint16(at + 11);
    const isDtls = view.getUint8(at + 1) === 0xfe && view.getUint8(at) >= 20 && view.getUint8(at) <= 23;
    if (!isDtls || end > datagram.length) break;
    records.push({
      contentType: view.getUint8(at),
      epoch: view.getUint16(at + 3),
      sequence: view.getUint16(at + 5) * 2 ** 32 + view.getUint32(at + 7),
      fragment: datagram.subarray(at + RECORD_HEADER_BYTES, end),
    });
    at = end;
  }
  return records;
}

/** Writes a record around a fragment that is protected already, or plain in epoch 0. */
export function writeRecord(record: DtlsRecord): Uint8Array {
  return join(
    uint(record.contentType, 1),
    uint(DTLS_1_2, 2),
    recordNumber(record),
    uint(record.fragment.length, 2),
    record.fragment,
  );
}

/** Epoch and sequence as the 64 bits that nonce and additional data use. */
export function recordNumber(record: { epoch: number; sequence: number }): Uint8Array {
  return join(uint(record.epoch, 2), uint(record.sequence, 6));
}
