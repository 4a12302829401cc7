import { describe, expect, test } from "vitest";
import {
  isContinuous,
  keyframeRequests,
  numbersOf,
  openStream,
  opus,
  PlaneRig,
  vp8,
  vp8More,
  vp8Start,
} from "../../test/kit/plane_rig.ts";

describe("what a viewer gets", () => {
  test("numbers wrap from 65535 to 0 with the rollover counter, on the way in and on the way out", () => {
    // The sender starts at the highest first number, so that half a cycle is enough.
    const { rig, viewer, encoder } = openStream({ random: () => 0x7fff });
    encoder.sequence = 40_000;
    encoder.send(true, 10);
    rig.turn(10);
    for (let i = 0; i < 330; i++) {
      encoder.send(false, 100, 20);
      rig.turn(30);
    }
    expect(viewer.rtp.length).toBe(33_010);
    expect(numbersOf(viewer.rtp)).toContain(0);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
    expect(rig.stats().drops).toMatchObject({ notAuthentic: 0, replayed: 0 });
  });

  test("its own ids of the extensions that both sides have, its mid, and nothing else", () => {
    const { rig, publisher, viewer, encoder } = openStream({
      receiver: { extensions: { mid: 9, videoOrientation: 5, playoutDelay: 6, transportWideCc: 7 } },
      sender: { mid: "v", extensions: { mid: 1, videoOrientation: 2, audioLevel: 3 } },
    });
    const [fields] = encoder.frame(true, 1);
    const extensions = [
      { id: 9, payload: Uint8Array.of(48) },
      { id: 5, payload: Uint8Array.of(3) },
      { id: 6, payload: Uint8Array.of(1, 2, 3) },
      { id: 7, payload: Uint8Array.of(0, 1) },
    ];
    rig.sendRtp(publisher, { ...fields, extensions });
    rig.turn();
    const got = viewer.rtp[0].header.extensions.map(({ id, payload }) => ({ id, bytes: [...payload] }));
    expect(got).toEqual([{ id: 1, bytes: [118] }, { id: 2, bytes: [3] }]);
    expect(new Uint8Array(viewer.rtp[0].payload)).toEqual(fields.payload);
  });

  test("the payload type that it negotiated for the very parameters, else for the codec", () => {
    const other = { ...vp8, payloadType: 100, format: "VP8/other" };
    const same = { ...vp8, payloadType: 120 };
    const { rig, encoder, viewers } = openStream({ viewers: 0 });
    for (const [sender, payloads] of [[1, [other, same]], [2, [other]]] as const) {
      const viewer = rig.openPeer();
      viewers.push(viewer);
      rig.openSender(viewer, sender, 1, { payloads: [...payloads] });
    }
    encoder.send(true);
    rig.turn();
    expect(viewers.map((viewer) => viewer.rtp[0].header.payloadType)).toEqual([120, 100]);
  });

  test("nothing of a codec that it did not negotiate, and the control side is told once", () => {
    const { rig, publisher, viewer, encoder } = openStream({
      sender: { payloads: [{ ...vp8, codec: "H264", format: "H264/1/42e0" }] },
    });
    encoder.send(true);
    rig.turn();
    encoder.send(true);
    rig.turn(500);
    encoder.sendMany(100);
    expect(viewer.rtp.length).toBe(0);
    expect(keyframeRequests(publisher).length).toBeLessThan(2);
    expect(rig.eventsOf("formatMismatch")).toEqual([{ on: "formatMismatch", sender: 1, codec: "VP8" }]);
  });

  test("packets of a frame that differ by a byte or two are padded to one length, and padded alike when sent again", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    const [first, second, third] = encoder.frame(true, 3);
    for (
      const fields of [{ ...first, payload: vp8Start(true, 98) }, { ...second, payload: vp8More(99) }, third]
    ) {
      rig.sendRtp(publisher, fields);
    }
    rig.plane.turn(rig.nowMs);
    const lengths = rig.udp.sent.filter(({ bytes }) => bytes[1] < 192 || bytes[1] > 223).map(({ bytes }) =>
      bytes.length
    );
    expect(new Set(lengths).size).toBe(1);
    rig.turn();
    expect(viewer.rtp.map((packet) => packet.payload.length)).toEqual([
      98,
      99,
      100,
    ]);
    expect(viewer.rtp.map((packet) => packet.header.padding)).toEqual([true, true, false]);
  });

  test("audio from its first packet on, without waiting", () => {
    const rig = new PlaneRig();
    rig.apply({ do: "openSource", source: 1, media: "audio" });
    const publisher = rig.openPeer();
    rig.openReceiver(publisher, 1, 1, { media: "audio", payloads: [opus] });
    const viewer = rig.openPeer();
    rig.openSender(viewer, 1, 1, { media: "audio", payloads: [{ ...opus, payloadType: 63 }] });
    const fields = {
      ssrc: 4,
      payloadType: 111,
      sequenceNumber: 77,
      timestamp: 960,
      payload: new Uint8Array(80),
    };
    rig.sendRtp(publisher, fields);
    rig.turn();
    expect(viewer.rtp.map((packet) => packet.header.payloadType)).toEqual([63]);
  });

  test("never one SSRC twice over one transport: its nonces would repeat", () => {
    const { rig, viewer } = openStream();
    rig.apply({ do: "closeSender", sender: 1 });
    rig.openSender(viewer, 1, 1);
    expect(rig.stats().senders).toEqual([]);
    rig.openSender(viewer, 1, 1, { ssrc: 5 });
    expect(rig.stats().senders.map((row) => row.ssrc)).toEqual([5]);
  });

  test("a continuous stream when it is bound to another source", () => {
    const { rig, viewer, encoder } = openStream();
    rig.apply({ do: "openSource", source: 2, media: "video" });
    const other = rig.openPeer();
    rig.openReceiver(other, 2, 2);
    encoder.send(true);
    rig.turn(10);
    rig.apply({ do: "bindSender", sender: 1, source: 2 });
    encoder.send(false);
    rig.turn(10);
    const fields = {
      ssrc: 2,
      payloadType: 96,
      sequenceNumber: 60_000,
      timestamp: 17,
      payload: vp8Start(true),
    };
    rig.sendRtp(other, fields);
    rig.turn(10);
    expect(viewer.rtp.length).toBe(3);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
    const step = (viewer.rtp[2].header.timestamp - viewer.rtp[1].header.timestamp) >>> 0;
    expect(step).toBeGreaterThan(0);
    expect(step).toBeLessThan(9000);
  });

  test("all of a keyframe whose first packet came last", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    const [first, ...rest] = encoder.frame(true, 4);
    for (const fields of rest) rig.sendRtp(publisher, fields);
    rig.turn(10);
    expect(viewer.rtp.length).toBe(0);
    rig.sendRtp(publisher, first);
    rig.turn(10);
    expect(viewer.rtp.length).toBe(4);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
    // The same for a viewer who waits while the source flows already.
    rig.run(1000);
    const late = rig.openPeer();
    rig.openSender(late, 2, 1);
    const [again, ...tail] = encoder.frame(true, 4);
    for (const fields of tail) rig.sendRtp(publisher, fields);
    rig.turn(10);
    rig.sendRtp(publisher, again);
    rig.turn(10);
    expect(late.rtp.length).toBe(4);
  });

  test("nothing before its transport has keys and an address, then a keyframe is asked for", () => {
    const { rig, publisher, encoder } = openStream();
    rig.apply({ do: "openTransport", transport: 50 });
    const shared = {
      media: "video" as const,
      mid: "",
      payloads: [vp8],
      extensions: {},
      rtxSsrc: 0,
      cname: "",
    };
    rig.apply({ do: "openSender", sender: { ...shared, sender: 50, transport: 50, ssrc: 5 } });
    rig.apply({ do: "bindSender", sender: 50, source: 1 });
    encoder.send(true);
    rig.turn(10);
    rig.run(1000);
    const requests = () => publisher.rtcp.filter((part) => part.type === 206).length;
    expect(requests()).toBe(0);
    rig.apply({ do: "select", transport: 50, address: { address: "2001:db8::5", port: 9 } });
    rig.apply({ do: "key", transport: 50, keys: publisher.keys });
    rig.turn();
    expect(requests()).toBe(1);
  });
});
