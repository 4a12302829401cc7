import { GenericNack, RtcpHeader } from "werift";
import { describe, expect, test } from "vitest";
import { openStream, vp8 } from "../../test/kit/plane_rig.ts";

function nack(mediaSourceSsrc: number, lost: number[]): GenericNack {
  const header = new RtcpHeader({ type: 205, count: 1, version: 2 });
  return new GenericNack({ header, senderSsrc: 1, mediaSourceSsrc, lost });
}

describe("answering a viewer's NACK", () => {
  test("without RTX the very same datagram leaves again", () => {
    const { rig, viewer, encoder } = openStream();
    const datagrams: string[] = [];
    encoder.send(true, 3, 500);
    // Seen before werift, whose replay check would refuse the second one.
    rig.plane.turn(rig.nowMs);
    for (const { bytes } of rig.udp.sent) {
      if (bytes[1] < 192 || bytes[1] > 223) datagrams.push(bytes.toString());
    }
    rig.turn();
    const [, second] = viewer.rtp;
    rig.sendRtcp(viewer, nack(9001, [second.header.sequenceNumber]));
    rig.plane.turn(rig.nowMs + 50);
    const again = rig.udp.sent.map(({ bytes }) => bytes.toString());
    expect(again).toContain(datagrams[1]);
    expect(rig.stats().senders[0]).toMatchObject({ nackCount: 1, retransmittedPacketsSent: 1 });
  });

  test("with RTX the payload comes on the RTX stream behind its original number, each time under a new one", () => {
    const { rig, viewer, encoder } = openStream({ sender: { rtxSsrc: 8001, extensions: { mid: 3 } } });
    encoder.send(true, 3, 500);
    rig.turn();
    const lost = viewer.rtp[1];
    rig.sendRtcp(viewer, nack(9001, [lost.header.sequenceNumber]));
    rig.turn(50);
    rig.sendRtcp(viewer, nack(9001, [lost.header.sequenceNumber]));
    rig.turn(50);
    const repairs = viewer.rtp.filter((packet) => packet.header.ssrc === 8001);
    expect(repairs.length).toBe(2);
    expect((repairs[1].header.sequenceNumber - repairs[0].header.sequenceNumber) & 0xffff).toBe(1);
    for (const { header, payload } of repairs) {
      expect(header.payloadType).toBe(97);
      expect(header.timestamp).toBe(lost.header.timestamp);
      expect(payload.readUInt16BE(0)).toBe(lost.header.sequenceNumber);
      expect(payload.subarray(2)).toEqual(lost.payload);
    }
  });

  test("a repetition within 15 ms and a number that was never sent get nothing", () => {
    const { rig, viewer, encoder } = openStream({ sender: { rtxSsrc: 8001 } });
    encoder.send(true, 3);
    rig.turn();
    const number = viewer.rtp[0].header.sequenceNumber;
    rig.sendRtcp(viewer, nack(9001, [number]));
    rig.sendRtcp(viewer, nack(9001, [number]));
    rig.sendRtcp(viewer, nack(9001, [(number + 100) & 0xffff]));
    rig.sendRtcp(viewer, nack(9001, [(number - 100) & 0xffff]));
    rig.turn(5);
    expect(viewer.rtp.filter((packet) => packet.header.ssrc === 8001).length).toBe(1);
    expect(rig.stats().drops).toMatchObject({ retransmissionThrottled: 1, notInHistory: 2 });
  });

  test("what a viewer may ask for in a second is bounded", () => {
    const { rig, viewer, encoder } = openStream({ sender: { rtxSsrc: 8001 } });
    encoder.send(true, 40);
    rig.turn();
    const numbers = viewer.rtp.map((packet) => packet.header.sequenceNumber);
    for (let i = 0; i < 20; i++) {
      rig.sendRtcp(viewer, nack(9001, numbers));
      rig.turn(20);
    }
    const repairs = viewer.rtp.filter((packet) => packet.header.ssrc === 8001).length;
    expect(repairs).toBe(64);
  });

  test("packets that the ring no longer holds are gone", () => {
    const { rig, viewer, encoder } = openStream({ slotCount: 64, sender: { rtxSsrc: 8001 } });
    encoder.send(true);
    rig.turn();
    const number = viewer.rtp[0].header.sequenceNumber;
    encoder.sendMany(40);
    rig.sendRtcp(viewer, nack(9001, [number]));
    rig.turn(10);
    expect(viewer.rtp.filter((packet) => packet.header.ssrc === 8001).length).toBe(0);
    expect(rig.stats().drops.notInHistory).toBe(1);
  });
});

describe("asking a publisher for what is missing", () => {
  const nacksTo = (rtcp: { type: number; count: number; bytes: Uint8Array }[]) =>
    rtcp.filter((part) => part.type === 205 && part.count === 1);

  test("a gap is asked for at the end of the turn, and the repair goes to the viewers", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    encoder.send(true);
    const [first, lost, third] = encoder.frame(false, 3);
    rig.sendRtp(publisher, first);
    rig.sendRtp(publisher, third);
    rig.turn(1);
    const [request] = nacksTo(publisher.rtcp);
    const header = new RtcpHeader({ type: 205, count: 1, version: 2 });
    expect(GenericNack.deSerialize(Buffer.from(request.bytes.slice(4)), header).lost).toEqual([
      lost.sequenceNumber,
    ]);
    rig.sendRtp(publisher, lost);
    rig.turn(20);
    expect(viewer.rtp.length).toBe(5);
    rig.run(2000);
    expect(nacksTo(publisher.rtcp).length).toBe(1);
  });

  test("a repair by RTX stands in its place, and RTX probes are counted and forgotten", () => {
    const { rig, publisher, viewer, encoder } = openStream({
      receiver: { ssrcs: [{ ssrc: 1234, rtxSsrc: 1235 }] },
    });
    encoder.send(true);
    const [first, lost, third] = encoder.frame(false, 3);
    rig.sendRtp(publisher, first);
    rig.sendRtp(publisher, third);
    rig.turn(1);
    const repair = new Uint8Array(2 + lost.payload.length);
    repair.set([lost.sequenceNumber >>> 8, lost.sequenceNumber & 255]);
    repair.set(lost.payload, 2);
    const rtx = { ...lost, ssrc: 1235, payloadType: vp8.rtxPayloadType!, marker: false };
    rig.sendRtp(publisher, { ...rtx, sequenceNumber: 1, payload: repair });
    rig.sendRtp(publisher, { ...rtx, sequenceNumber: 2, payload: repair });
    rig.sendRtp(publisher, { ...rtx, sequenceNumber: 3, payload: new Uint8Array(0), padding: 200 });
    rig.turn(20);
    expect(viewer.rtp.length).toBe(5);
    const numbers = viewer.rtp.map((packet) => packet.header.sequenceNumber);
    expect(new Uint8Array(viewer.rtp.at(-1)!.payload)).toEqual(lost.payload);
    expect((numbers[4] - numbers[2]) & 0xffff).toBe(1);
    expect(rig.stats().drops.emptyRetransmission).toBe(2);
  });
});
