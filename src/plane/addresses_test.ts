import { describe, expect, test } from "vitest";
import type { SocketAddress } from "../base/mod.ts";
import { openStream, PlaneRig, type RigEncoder, type RigPeer } from "../../test/kit/plane_rig.ts";

import { MAX_TRANSPORTS } from "./limits.ts";

const other = (i: number) => ({ address: `203.0.113.${i}`, port: 6000 });

/** Packets of one frame sent from `address` that went through. */
function acceptedFrom(
  rig: PlaneRig,
  publisher: RigPeer,
  encoder: RigEncoder,
  address: { address: string; port: number },
) {
  const before = rig.stats().transports[0].packetsReceived;
  for (const fields of encoder.frame(false, 2)) rig.udp.deliver(address, publisher.protectRtp(fields));
  rig.turn(10);
  return rig.stats().transports[0].packetsReceived - before;
}

describe("the addresses of a peer", () => {
  test("it may send from any that was admitted, and is sent to at the selected one", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    rig.apply({ do: "admit", transport: publisher.transport, address: other(1) });
    expect(acceptedFrom(rig, publisher, encoder, other(1))).toBe(2);
    expect(acceptedFrom(rig, publisher, encoder, other(2))).toBe(0);
    rig.apply({ do: "select", transport: viewer.transport, address: other(3) });
    encoder.send(true);
    rig.plane.turn(rig.nowMs);
    const media = rig.udp.sent.filter(({ bytes }) => bytes[1] < 192 || bytes[1] > 223);
    expect(media.map(({ to }) => to)).toEqual([other(3), other(3)]);
  });

  test("beyond eight the oldest is forgotten, but never the selected one", () => {
    const { rig, publisher, encoder } = openStream();
    for (let i = 1; i <= 8; i++) {
      rig.apply({ do: "admit", transport: publisher.transport, address: other(i) });
    }
    expect(acceptedFrom(rig, publisher, encoder, other(1))).toBe(0);
    expect(acceptedFrom(rig, publisher, encoder, other(2))).toBe(2);
    expect(acceptedFrom(rig, publisher, encoder, publisher.address)).toBe(2);
  });

  test("one that ICE proves to be another peer's moves over, and stays there when the first peer goes", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    rig.apply({ do: "admit", transport: viewer.transport, address: other(1) });
    rig.apply({ do: "admit", transport: publisher.transport, address: other(1) });
    rig.apply({ do: "closeTransport", transport: viewer.transport, bye: false });
    expect(acceptedFrom(rig, publisher, encoder, other(1))).toBe(2);
  });

  test("datagrams of the control side go where they are told, whatever their number", () => {
    const { rig } = openStream();
    for (let i = 1; i <= 100; i++) rig.apply({ do: "send", address: other(i), bytes: Uint8Array.of(i) });
    rig.apply({ do: "send", address: { address: "nowhere", port: 1 }, bytes: Uint8Array.of(1) });
    rig.apply({ do: "send", address: other(1), bytes: new Uint8Array(2000) });
    rig.plane.flush();
    expect(rig.udp.sent.map(({ to, bytes }) => `${to.address} ${bytes[0]}`)).toEqual(
      Array.from({ length: 100 }, (_, i) => `203.0.113.${i + 1} ${i + 1}`),
    );
    expect(rig.stats().drops.badDestination).toBe(2);
  });
});

describe("the DiffServ code point of a transport", () => {
  test("is on its media and its checks, not on anybody else's, and does not outlive it", () => {
    const rig = new PlaneRig();
    const [first, second] = [rig.openPeer(), rig.openPeer()];
    const control = (address: SocketAddress) => {
      rig.apply({ do: "send", address, bytes: Uint8Array.of(0, 1) });
      rig.udp.flush();
      rig.udp.sent = [];
      return rig.udp.dscps.slice(MAX_TRANSPORTS).filter((dscp) => dscp !== 0);
    };
    rig.apply({ do: "setDscp", transport: first.transport, dscp: 46 });
    expect(rig.udp.dscps.slice(0, 2)).toEqual([46, 0]);
    expect(control(second.address)).toEqual([]);
    expect(control(first.address)).toEqual([46]);
    rig.apply({ do: "setDscp", transport: first.transport, dscp: 64 });
    expect(rig.stats().drops.staleCommand).toBe(1);
    expect(rig.udp.dscps[0]).toBe(46);
    rig.apply({ do: "closeTransport", transport: first.transport, bye: false });
    rig.openPeer();
    expect(rig.udp.dscps.slice(0, 2)).toEqual([0, 0]);
  });
});
