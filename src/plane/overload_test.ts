import { describe, expect, test } from "vitest";
import { openStream } from "../../test/kit/plane_rig.ts";
import { MAX_SENDS_PER_TURN, MIN_PACKETS_PER_TURN } from "./limits.ts";

/** A stream with one viewer who listens, and as many that are not keyed as use up a turn with MIN_PACKETS_PER_TURN. */
function openCrowded() {
  const stream = openStream({ slotCount: 4096 });
  const { rig } = stream;
  rig.apply({ do: "openTransport", transport: 99 });
  const silent = { transport: 99, address: { address: "192.0.2.99", port: 9 } };
  for (let i = 0; i < MAX_SENDS_PER_TURN / MIN_PACKETS_PER_TURN; i++) {
    rig.openSender(silent as Parameters<typeof rig.openSender>[0], 1000 + i, 1, { ssrc: 50_000 + i });
  }
  return stream;
}

describe("more media than a turn can send on", () => {
  test("is dropped at its entry, and the next turn takes media again", () => {
    const { rig, viewer, encoder } = openCrowded();
    encoder.send(true, 100);
    rig.turn();
    expect(viewer.rtp.length).toBe(MIN_PACKETS_PER_TURN);
    expect(rig.stats().drops.overload).toBe(100 - MIN_PACKETS_PER_TURN);
    encoder.send(false, 10);
    rig.turn(30);
    expect(viewer.rtp.length).toBe(MIN_PACKETS_PER_TURN + 10);
  });

  test("keeps nobody waiting whose STUN stands behind it", () => {
    const { rig, encoder } = openCrowded();
    encoder.send(true, 1000);
    rig.udp.deliver({ address: "198.51.100.1", port: 4000 }, new Uint8Array(20));
    rig.turn();
    expect(rig.eventsOf("datagram").length).toBe(1);
  });

  test("leaves a stream of few viewers whole", () => {
    const { rig, viewer, encoder } = openStream({ slotCount: 4096 });
    encoder.send(true, 1000);
    rig.run(100);
    expect(viewer.rtp.length).toBe(1000);
    expect(rig.stats().drops.overload).toBe(0);
  });
});
