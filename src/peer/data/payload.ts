/** Payload protocol identifiers of data channels (RFC 8831 section 8). */
export const PPID = { dcep: 50, text: 51, binary: 53, emptyText: 56, emptyBinary: 57 } as const;

/** SCTP has no empty messages: a byte that means nothing stands for them. */
const placeholder = new Uint8Array(1);

/** A message as SCTP carries it. */
export function encodePayload(payload: string | Uint8Array): { ppid: number; payload: Uint8Array } {
  const isText = typeof payload === "string";
  const bytes = isText ? new TextEncoder().encode(payload) : payload;
  if (bytes.length === 0) return { ppid: isText ? PPID.emptyText : PPID.emptyBinary, payload: placeholder };
  return { ppid: isText ? PPID.text : PPID.binary, payload: bytes };
}

/** A message as the owner of the channel knows it; null for identifiers that have no meaning (any more). */
export function decodePayload(ppid: number, payload: Uint8Array): string | Uint8Array | null {
  switch (ppid) {
    case PPID.text:
      return new TextDecoder().decode(payload);
    case PPID.binary:
      return payload;
    case PPID.emptyText:
      return "";
    case PPID.emptyBinary:
      return new Uint8Array(0);
    default:
      return null;
  }
}
