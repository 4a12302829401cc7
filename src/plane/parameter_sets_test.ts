import { GenericNack, RtcpHeader } from "werift";
import { describe, expect, test } from "vitest";
import {
  isContinuous,
  numbersOf,
  openStream,
  PlaneRig,
  type RigPeer,
  vp8,
} from "../../test/kit/plane_rig.ts";
import { hex } from "../../test/kit/wire.ts";

const [sps, pps, otherSps] = [hex("6742c01e"), hex("68ce3c80"), hex("6742e01f")];
const idr = Uint8Array.from({ length: 300 }, (_, i) => [0x65, 0x88][i] ?? i & 255);
const slice = Uint8Array.from({ length: 300 }, (_, i) => [0x61, 0x9a][i] ?? i & 255);
const h264 = { ...vp8, codec: "H264", format: "H264/1/42e0", rtxPayloadType: null };
const telling = { payloads: [{ ...h264, parameterSets: [sps, pps] }] };

/** One publisher whose description tells its parameter sets, and viewers who know nothing of that. */
function open(viewers = 1) {
  const opened = openStream({ receiver: telling, sender: { payloads: [h264] }, viewers });
  const { rig, publisher } = opened;
  let sequenceNumber = 65_530;
  let timestamp = 0;
  /** A frame, each of its payloads a packet. */
  const frame = (...payloads: Uint8Array[]) => {
    timestamp += 3000;
    return payloads.map((payload, i) => ({
      ssrc: 1234,
      payloadType: 96,
      sequenceNumber: sequenceNumber++ & 0xffff,
      timestamp,
      marker: i === payloads.length - 1,
      payload,
    }));
  };
  const send = (...payloads: Uint8Array[]) =>
    frame(...payloads).forEach((each) => rig.sendRtp(publisher, each));
  return { ...opened, frame, send };
}

const payloadsOf = ({ rtp }: RigPeer) => rtp.map(({ payload }) => new Uint8Array(payload));
const timesOf = ({ rtp }: RigPeer) => rtp.map(({ header }) => header.timestamp - rtp[0].header.timestamp);

describe("parameter sets of a description", () => {
  test("go before each keyframe, in its time and without a hole", () => {
    const { rig, send, viewer } = open();
    for (const payload of [idr, slice, slice, idr, slice]) {
      send(payload);
      rig.turn(33);
    }
    expect(payloadsOf(viewer)).toEqual([sps, pps, idr, slice, slice, sps, pps, idr, slice]);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
    expect(timesOf(viewer)).toEqual([0, 0, 0, 3000, 6000, 9000, 9000, 9000, 12_000]);
    expect(viewer.rtp.map(({ header }) => header.marker).slice(0, 3)).toEqual([false, false, true]);
  });

  test("go before each of two keyframes that come in one turn", () => {
    const { rig, send, viewer } = open();
    send(idr);
    send(slice);
    send(idr);
    rig.turn();
    expect(payloadsOf(viewer)).toEqual([sps, pps, idr, slice, sps, pps, idr]);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
  });

  test("come first to a viewer who joins later, from the history", () => {
    const { rig, send } = open();
    for (const payload of [idr, slice, idr, slice]) {
      send(payload);
      rig.turn(33);
    }
    const late = rig.openPeer();
    rig.openSender(late, 7, 1, { payloads: [h264] });
    rig.turn();
    send(slice);
    rig.turn();
    expect(payloadsOf(late)).toEqual([sps, pps, idr, slice, slice]);
    expect(isContinuous(numbersOf(late.rtp))).toBe(true);
  });

  test("give way to those that the stream brings itself", () => {
    const { rig, send, viewer } = open();
    send(idr);
    rig.turn(33);
    send(otherSps, pps, idr);
    rig.turn(33);
    send(idr);
    rig.turn(33);
    expect(payloadsOf(viewer)).toEqual([sps, pps, idr, otherSps, pps, idr, idr]);
    expect(isContinuous(numbersOf(viewer.rtp))).toBe(true);
  });

  test("leave a packet its place that comes late", () => {
    const { rig, frame, publisher, viewer } = open();
    const [first, lost, second] = [frame(idr), frame(slice), frame(idr)].flat();
    for (const each of [first, second, lost]) {
      rig.sendRtp(publisher, each);
      rig.turn();
    }
    const inOrder = [...viewer.rtp].sort((a, b) => a.header.timestamp - b.header.timestamp);
    expect(inOrder.map(({ payload }) => payload.length)).toEqual([4, 4, 300, 300, 4, 4, 300]);
    expect(isContinuous(numbersOf(inOrder))).toBe(true);
  });

  test("are left out where a later packet of the keyframe came first", () => {
    const { rig, frame, publisher, viewer } = open();
    const [first, begin, end] = [frame(idr), frame(idr, slice)].flat();
    for (const each of [first, end, begin]) {
      rig.sendRtp(publisher, each);
      rig.turn();
    }
    expect(payloadsOf(viewer).map(({ length }) => length)).toEqual([4, 4, 300, 300, 300]);
  });

  test("are had again by those who lost one", () => {
    const { rig, send, viewer } = open();
    send(idr);
    rig.turn(33);
    const before = viewer.rtp.length;
    const header = new RtcpHeader({ type: 205, count: GenericNack.count, version: 2 });
    const lost = [viewer.rtp[1].header.sequenceNumber];
    rig.sendRtcp(viewer, new GenericNack({ header, senderSsrc: 1, mediaSourceSsrc: 9001, lost }));
    rig.turn();
    expect(payloadsOf(viewer).slice(before)).toEqual([pps]);
  });

  test("go with their publisher, and make room for others'", () => {
    const rig = new PlaneRig();
    rig.apply({ do: "openSource", source: 1, media: "video" });
    const publisher = rig.openPeer();
    const viewer = rig.openPeer();
    rig.openSender(viewer, 1, 1, { payloads: [h264] });
    // The rig's port has eight spare slots.
    for (let receiver = 1; receiver <= 40; receiver++) {
      rig.openReceiver(publisher, receiver, 1, telling);
      rig.sendRtp(publisher, {
        ssrc: receiver,
        payloadType: 96,
        sequenceNumber: 1,
        timestamp: 1,
        payload: idr,
      });
      rig.turn(33);
      rig.apply({ do: "closeReceiver", receiver });
    }
    expect(payloadsOf(viewer).filter((payload) => payload.length === sps.length)).toHaveLength(80);
    viewer.rtp.length = 0;
    for (let receiver = 51; receiver <= 53; receiver++) {
      const ssrcs = [{ ssrc: receiver, rtxSsrc: 0 }];
      rig.openReceiver(publisher, receiver, 1, { ...telling, ssrcs });
    }
    for (const ssrc of [52, 53]) {
      rig.sendRtp(publisher, { ssrc, payloadType: 96, sequenceNumber: 1, timestamp: 1, payload: idr });
      rig.turn(33);
    }
    expect(payloadsOf(viewer)).toEqual([sps, pps, idr, idr]);
  });
});
