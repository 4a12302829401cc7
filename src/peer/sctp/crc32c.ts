/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), the checksum of SCTP (RFC 9260 appendix A). */
const POLYNOMIAL = 0x82f63b78;

const CHECKSUM_AT = 8;

/** Remainders of a byte followed by 0, 1, 2 and 3 zero bytes, so that four bytes are taken at a time. */
const [table0, table1, table2, table3] = makeTables();

function makeTables(): Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    return value;
  });
  const tables = [first];
  for (let i = 1; i < 4; i++) {
    tables.push(tables[i - 1].map((value) => (value >>> 8) ^ first[value & 0xff]));
  }
  return tables;
}

/** Checksum of a packet of at least 12 bytes as if its checksum field (bytes 8 to 11) were zero. */
export function packetChecksum(packet: Uint8Array): number {
  const length = packet.length;
  let crc = -1;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    if (at !== CHECKSUM_AT) {
      crc ^= packet[at] | (packet[at + 1] << 8) | (packet[at + 2] << 16) | (packet[at + 3] << 24);
    }
    crc = table3[crc & 0xff] ^ table2[(crc >>> 8) & 0xff] ^ table1[(crc >>> 16) & 0xff] ^ table0[crc >>> 24];
  }
  for (; at < length; at++) crc = (crc >>> 8) ^ table0[(crc ^ packet[at]) & 0xff];
  return ~crc >>> 0;
}
