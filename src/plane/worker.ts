import { type Clock, randomUint32, systemClock } from "../base/mod.ts";
import { openNative, type UdpPort } from "../native/mod.ts";
import type { PlaneCommand, PlaneMessageDown, PlaneMessageUp, PlaneSettings } from "./control.ts";
import { DESTINATIONS, EGRESS_SLOTS, RECEIVE_SLOTS, SPARE_SLOTS } from "./limits.ts";
import { Plane } from "./plane.ts";

const worker = self as unknown as {
  onmessage: (event: MessageEvent<PlaneMessageDown>) => void;
  postMessage(message: PlaneMessageUp): void;
  close(): void;
};
const clock: Clock = systemClock;
let plane: Plane | null = null;
let closing = false;

/** Often enough that a crowd that left is not remembered for long; each time costs a millisecond of another thread. */
const TRIM_MS = 10_000;

/**
 * Packets come before sessions that begin: where threads outnumber cores the plane would wait its turn behind a storm of
 * joins. Where the system does not allow it, that is how it stays.
 */
const NICE = -10;

worker.onmessage = ({ data }) => {
  if ("open" in data) void open(data.open);
  else if ("close" in data) closing = true;
  else if ("commands" in data) perform(data.commands);
  else if (plane) {
    const stats = plane.stats(clock.now(), data.transports);
    worker.postMessage({ statsReply: data.statsRequest, stats });
  }
};

/** What ends a stream. Its last packets may wait in the socket still, and are taken first. */
const endings = new Set<PlaneCommand["do"]>(["closeTransport", "closeReceiver", "closeSource"]);

function perform(commands: PlaneCommand[]): void {
  const nowMs = clock.now();
  if (commands.some((command) => endings.has(command.do))) plane?.turn(nowMs);
  for (const command of commands) plane?.apply(command, nowMs);
  plane?.flush();
}

async function open(settings: PlaneSettings): Promise<void> {
  try {
    const native = openNative(settings.prefer);
    const udp = await native.openUdp({
      bind: settings.bind,
      port: settings.port,
      slotCount: settings.slotCount ?? RECEIVE_SLOTS,
      spareSlotCount: SPARE_SLOTS,
      egressSlotCount: EGRESS_SLOTS,
      destinationCount: DESTINATIONS,
      gathers: true,
    });
    plane = new Plane({
      udp,
      openCipher: native.openCipher.bind(native),
      random: randomUint32,
      onEvents: (events) => worker.postMessage({ events }),
    });
    native.setPriority(NICE);
    const { kind, reason } = native;
    worker.postMessage({ ready: { port: udp.localPort, kind, reason, family: udp.family } });
    clock.every(TRIM_MS, () => void native.trimMemory());
    await run(plane, udp);
  } catch (error) {
    worker.postMessage({ failed: error instanceof Error ? error.stack ?? error.message : String(error) });
    worker.close();
  }
}

async function run(plane: Plane, udp: UdpPort): Promise<void> {
  while (!closing) {
    plane.turn(clock.now());
    plane.turned(clock.now());
    await udp.wait(plane.sleepMs);
  }
  plane.close(clock.now());
  udp.close();
  worker.postMessage({ closed: true });
  worker.close();
}
