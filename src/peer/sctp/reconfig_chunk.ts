/** Parameters of a RE-CONFIG chunk (RFC 6525 section 4) as far as data channels use them. */
export type ReconfigParameter =
  /** The sender begins its streams anew; no stream named means all. */
  | { kind: "outgoingReset"; sequence: number; lastTsn: number; streamIds: number[] }
  /** The sender asks the other side to begin its streams anew. */
  | { kind: "incomingReset"; sequence: number; streamIds: number[] }
  | { kind: "response"; sequence: number; result: number }
  /** Something that is not done here; it is answered with "denied". */
  | { kind: "other"; sequence: number };

/** Results of a response (RFC 6525 section 4.4). */
export const RESULT = { nothingToDo: 0, performed: 1, denied: 2, badSequence: 5, inProgress: 6 } as const;

const OUTGOING_RESET = 13;
const INCOMING_RESET = 14;
const SSN_TSN_RESET = 15;
const RESPONSE = 16;
const ADD_OUTGOING = 17;
const ADD_INCOMING = 18;

/** The parameters of the chunk, at most two of them (RFC 6525 section 3.1); a malformed one ends the list. */
export function readReconfig(value: Uint8Array): ReconfigParameter[] {
  const parameters: ReconfigParameter[] = [];
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  let at = 0;
  while (at + 8 <= value.length && parameters.length < 2) {
    const length = view.getUint16(at + 2);
    if (length < 8 || at + length > value.length) break;
    const body = new DataView(value.buffer, value.byteOffset + at + 4, length - 4);
    const parameter = readParameter(view.getUint16(at), body);
    if (!parameter) break;
    parameters.push(parameter);
    at += (length + 3) & ~3;
  }
  return parameters;
}

function readParameter(type: number, body: DataView): ReconfigParameter | null {
  const sequence = body.getUint32(0);
  switch (type) {
    case OUTGOING_RESET:
      if (body.byteLength < 12) return null;
      return {
        kind: "outgoingReset",
        sequence,
        lastTsn: body.getUint32(8),
        streamIds: readStreamIds(body, 12),
      };
    case INCOMING_RESET:
      return { kind: "incomingReset", sequence, streamIds: readStreamIds(body, 4) };
    case RESPONSE:
      if (body.byteLength < 8) return null;
      return { kind: "response", sequence, result: body.getUint32(4) };
    case SSN_TSN_RESET:
    case ADD_OUTGOING:
    case ADD_INCOMING:
      return { kind: "other", sequence };
    default:
      return null;
  }
}

function readStreamIds(body: DataView, from: number): number[] {
  const streamIds: number[] = [];
  for (let at = from; at + 2 <= body.byteLength; at += 2) streamIds.push(body.getUint16(at));
  return streamIds;
}

/** The value of a RE-CONFIG chunk that begins `streamIds` anew after `lastTsn`. */
export function writeOutgoingReset(
  request: { sequence: number; responseSequence: number; lastTsn: number; streamIds: number[] },
): Uint8Array {
  const length = 16 + 2 * request.streamIds.length;
  const bytes = new Uint8Array((length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, OUTGOING_RESET);
  view.setUint16(2, length);
  view.setUint32(4, request.sequence);
  view.setUint32(8, request.responseSequence);
  view.setUint32(12, request.lastTsn);
  request.streamIds.forEach((streamId, index) => view.setUint16(16 + 2 * index, streamId));
  return bytes.subarray(0, length);
}

/** The value of a RE-CONFIG chunk that answers a request. */
export function writeResponse(sequence: number, result: number): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, RESPONSE);
  view.setUint16(2, 12);
  view.setUint32(4, sequence);
  view.setUint32(8, result);
  return bytes;
}
