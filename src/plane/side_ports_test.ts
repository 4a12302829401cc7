import { beforeEach, expect, test } from "vitest";
import { SideRig } from "../../test/kit/side_rig.ts";

let rig: SideRig;
beforeEach(() => void (rig = new SideRig()));

const openPort = async (port: number, rtcp = true, range = { least: 5001, most: 5008 }) => {
  rig.apply({ do: "openPort", port, rtcp, range });
  await rig.settled();
  return rig.events.splice(0);
};
const openPorts = () => [...rig.udp.sides.values()].sort();

test("media has an even port of the range, RTCP the odd one after, until the range is full", async () => {
  const opened = [];
  for (let port = 1; port <= 3; port++) opened.push(...await openPort(port));
  expect(opened.map((event) => event.on)).toEqual(["portOpened", "portOpened", "portOpened"]);
  expect(openPorts()).toEqual([5002, 5003, 5004, 5005, 5006, 5007]);
  for (const event of opened) {
    if (event.on !== "portOpened") throw new Error("it was not opened");
    expect([event.udpPort % 2, event.rtcpPort]).toEqual([0, event.udpPort + 1]);
  }
  expect(await openPort(4)).toMatchObject([{ on: "portFailed", port: 4 }]);
  rig.apply({ do: "closePort", port: 2 });
  expect(openPorts().length).toBe(4);
  expect(await openPort(5)).toMatchObject([{ on: "portOpened", port: 5 }]);
});

test("one port may do for both, and a neighbour that is taken leaves no port open", async () => {
  expect(await openPort(1, false, { least: 5002, most: 5002 })).toEqual([
    { on: "portOpened", port: 1, udpPort: 5002, rtcpPort: null },
  ]);
  rig.udp.takenPorts.add(5005);
  expect(await openPort(2, true, { least: 5004, most: 5005 })).toMatchObject([{ on: "portFailed", port: 2 }]);
  expect(openPorts()).toEqual([5002]);
});

test("a port that is closed while it is being opened is not kept, and nobody hears of it", async () => {
  rig.apply({ do: "openPort", port: 1, rtcp: true, range: { least: 5002, most: 5003 } });
  rig.apply({ do: "closePort", port: 1 });
  await rig.settled();
  expect([rig.events, openPorts()]).toEqual([[], []]);
});

test("a port is one transport's, and known before it is used", async () => {
  rig.apply({ do: "openTransport", transport: 1, port: 7 });
  await openPort(7);
  rig.apply({ do: "openTransport", transport: 1, port: 7 });
  rig.apply({ do: "openTransport", transport: 2, port: 7 });
  rig.apply({ do: "openPort", port: 7, rtcp: true, range: { least: 5002, most: 5003 } });
  rig.apply({ do: "accept", transport: 2, from: null, latch: true });
  expect(rig.drops()).toEqual({ staleCommand: 4 });
  rig.apply({ do: "closeTransport", transport: 1, bye: true });
  const side = [...rig.udp.sides.keys()][0];
  rig.take({ address: "192.0.2.1", port: 5 }, rig.packet(), side);
  expect(rig.drops()).toEqual({ staleCommand: 4, unknownAddress: 1 });
  rig.apply({ do: "openTransport", transport: 3, port: 7 });
  expect(rig.stats().transports.map(({ transport }) => transport)).toEqual([3]);
  rig.apply({ do: "closeTransport", transport: 3, bye: true });
  rig.apply({ do: "closePort", port: 7 });
  rig.apply({ do: "closePort", port: 7 });
  expect(openPorts()).toEqual([]);
  expect(rig.drops()).toEqual({ staleCommand: 5, unknownAddress: 1 });
});

test("addresses that cannot be are refused, and those of ports for transports without one", async () => {
  await openPort(7);
  rig.apply({ do: "openTransport", transport: 1, port: 7 });
  rig.apply({ do: "openTransport", transport: 2 });
  rig.apply({ do: "select", transport: 1, address: { address: "host.example", port: 5 } });
  rig.apply({ do: "selectRtcp", transport: 1, address: { address: "192.0.2.1", port: 0 } });
  rig.apply({ do: "selectRtcp", transport: 2, address: { address: "192.0.2.1", port: 5 } });
  rig.apply({ do: "accept", transport: 2, from: "192.0.2.1", latch: false });
  rig.apply({ do: "accept", transport: 1, from: "host.example", latch: false });
  expect(rig.drops()).toEqual({ staleCommand: 5 });
});
