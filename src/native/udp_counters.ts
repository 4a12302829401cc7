import type { UdpCounters } from "./types.ts";

/** Counters of a port that was just opened. */
export function newCounters(): UdpCounters {
  return {
    packetsReceived: 0,
    bytesReceived: 0,
    packetsSent: 0,
    bytesSent: 0,
    packetsUnsent: 0,
    packetsTruncated: 0,
    sendCalls: 0,
  };
}
