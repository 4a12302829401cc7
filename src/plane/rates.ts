import type { RembParameters, TransportRates } from "./control.ts";

/** How the estimate for publishers moves where nobody said; it starts from what they really send. */
const usualGrowth: RembParameters = {
  packetsRecvIntervalTop: 100,
  exponentialFactor: 0.04,
  linealFactorMin: 50,
  linealFactorGrade: 30,
  decrementFactor: 0.5,
  thresholdFactor: 0.8,
  upLosses: 12,
  rembOnConnect: 0,
};

/** Rates of a transport whose control side set none. */
export const UNBOUNDED: TransportRates = {
  minReceiveKbps: 0,
  maxReceiveKbps: 0,
  minSendKbps: 0,
  maxSendKbps: 0,
  remb: usualGrowth,
};
