// hot
import type { Transport } from "./transport.ts";

/** Loss fractions (of 256) below which the path has room, and above which it has not: 2 % and 10 %, as browsers do. */
const LITTLE_LOSS = 5;
const MUCH_LOSS = 26;
/** Growth per estimate (each second) while there is room. */
const GROWTH = 1.08;
/** The estimate leads what really arrives by at most this, so that a sender can probe upwards but not leap. */
const HEADROOM = 1.5;
/** Room above the headroom, so that a stream that starts tiny can start to grow. */
const HEADROOM_BPS = 100_000;

/**
 * The receiver's estimate for REMB in bit/s, from what arrived in the last second and how much of it was lost; 0
 * before the first whole second. To be called once a second: it takes the loss since the last call.
 */
export function estimateBitrate(transport: Transport): number {
  let receivedBps = 0;
  let loss = 0;
  for (let i = 0; i < transport.inboundCount; i++) {
    const inbound = transport.inbounds[i];
    receivedBps += inbound.rate.bitrateBps;
    if (inbound.fractionLost > loss) loss = inbound.fractionLost;
  }
  if (receivedBps === 0) return 0;
  const ceiling = receivedBps * HEADROOM + HEADROOM_BPS;
  const before = transport.rembBps === 0 ? ceiling : transport.rembBps;
  if (loss > MUCH_LOSS) transport.rembBps = Math.min(before, receivedBps) * (1 - loss / 512);
  else if (loss < LITTLE_LOSS) transport.rembBps = Math.min(Math.max(before * GROWTH, receivedBps), ceiling);
  else transport.rembBps = Math.min(before, ceiling);
  return Math.round(transport.rembBps);
}
