import { expect, test } from "vitest";
import { RigPeer } from "../../test/kit/plane_rig.ts";
import { SideRig } from "../../test/kit/side_rig.ts";

const address = { address: "192.0.2.7", port: 6000 };

async function open(lifetimes: { localLifetimePackets?: number; remoteLifetimePackets?: number }) {
  const rig = new SideRig();
  const crypto = new RigPeer(1, address, "AES128_CM_HMAC_SHA1_80");
  await rig.open({ keys: { ...crypto.keys, ...lifetimes } });
  rig.apply({ do: "select", transport: 1, address });
  let sequenceNumber = 0;
  const payload = Uint8Array.of(0x10, 0, 1, 2);
  const send = () => {
    const timestamp = ++sequenceNumber * 3000;
    const fields = { ssrc: 1, payloadType: 96, sequenceNumber, timestamp, marker: true, payload };
    return rig.take(address, crypto.protectRtp(fields));
  };
  return { rig, send, warnings: () => rig.eventsOf("keyNearlyUsed").length };
}

test("the end of the peer's key is told once, when a sixteenth of its packets is left, and kept", async () => {
  const { rig, send, warnings } = await open({ remoteLifetimePackets: 64 });
  for (let i = 0; i < 58; i++) send();
  expect(warnings()).toBe(0);
  for (let i = 0; i < 6; i++) send();
  expect(warnings()).toBe(1);
  for (let i = 0; i < 10; i++) send();
  expect(warnings()).toBe(1);
  // The limit is looked at some twenty times a second, so a few more may pass.
  expect(rig.stats().transports[0].packetsReceived).toBeLessThan(70);
  expect(rig.drops().notKeyed).toBeGreaterThan(3);
});

test("our own key ends too, reports counted", async () => {
  const { send, warnings } = await open({ localLifetimePackets: 32 });
  const sent = Array.from({ length: 60 }, () => send().length);
  expect(warnings()).toBe(1);
  expect(sent.reduce((a, b) => a + b)).toBeLessThan(40);
  expect(sent.slice(-10)).toEqual(Array(10).fill(0));
});

test("a key without a bound, and one that is replaced in time, go on", async () => {
  const { rig, send, warnings } = await open({});
  for (let i = 0; i < 100; i++) send();
  expect([warnings(), rig.drops()]).toEqual([0, {}]);
});
