import { describe, expect, test } from "vitest";
import { openStream, opus, PlaneRig, vp8, vp8Start } from "../../test/kit/plane_rig.ts";

const text = (value: string) => new TextEncoder().encode(value);
const base = { sequenceNumber: 1, timestamp: 1, payload: vp8Start(true) };

/** Two video m-lines (sources 1 and 2) with the same payload types, and an audio one (source 3). */
function threeLines() {
  const rig = new PlaneRig();
  const peer = rig.openPeer();
  const extensions = { mid: 4, rid: 5, repairedRid: 6 };
  for (const source of [1, 2]) {
    rig.apply({ do: "openSource", source, media: "video" });
    const ssrcs = [{ ssrc: source * 100, rtxSsrc: source * 100 + 1 }];
    rig.openReceiver(peer, source, source, { mid: `v${source}`, extensions, ssrcs });
  }
  rig.apply({ do: "openSource", source: 3, media: "audio" });
  rig.openReceiver(peer, 3, 3, { media: "audio", mid: "a", payloads: [opus], extensions });
  const receiverOf = (ssrc: number) => rig.stats().receivers.find((row) => row.ssrc === ssrc)?.receiver;
  return { rig, peer, receiverOf };
}

describe("learning whose an SSRC is", () => {
  test("by mid, before anything else", () => {
    const { rig, peer, receiverOf } = threeLines();
    const extensions = [{ id: 4, payload: text("v2") }];
    rig.sendRtp(peer, { ...base, ssrc: 100, payloadType: 96, extensions });
    rig.turn();
    expect(receiverOf(100)).toBe(2);
  });

  test("by the SSRCs of the SDP", () => {
    const { rig, peer, receiverOf } = threeLines();
    rig.sendRtp(peer, { ...base, ssrc: 200, payloadType: 96 });
    rig.turn();
    expect(receiverOf(200)).toBe(2);
  });

  test("by a payload type that one m-line alone has, as FFmpeg needs it", () => {
    const { rig, peer, receiverOf } = threeLines();
    rig.sendRtp(peer, { ...base, ssrc: 555, payloadType: 111 });
    rig.turn();
    expect(receiverOf(555)).toBe(3);
    expect(rig.eventsOf("sourceFormat")).toEqual([
      { on: "sourceFormat", source: 3, codec: "OPUS", format: "OPUS/48000/2" },
    ]);
  });

  test("not by a payload type that two have, nor by one that nobody has", () => {
    const { rig, peer } = threeLines();
    rig.sendRtp(peer, { ...base, ssrc: 556, payloadType: 96 });
    rig.sendRtp(peer, { ...base, ssrc: 557, payloadType: 77 });
    rig.turn();
    expect(rig.stats().drops.unknownSsrc).toBe(2);
    expect(rig.stats().receivers).toEqual([]);
  });

  test("a mid that fits no payload type of its m-line is not believed", () => {
    const { rig, peer } = threeLines();
    rig.sendRtp(peer, { ...base, ssrc: 1, payloadType: 111, extensions: [{ id: 4, payload: text("v1") }] });
    rig.turn();
    expect(rig.stats().drops.unknownSsrc).toBe(1);
  });

  test("at most 32 SSRCs of one peer are remembered", () => {
    const { rig, publisher } = openStream();
    for (let ssrc = 1; ssrc <= 40; ssrc++) rig.sendRtp(publisher, { ...base, ssrc, payloadType: 96 });
    rig.turn();
    expect(rig.stats().receivers.length).toBe(32);
    expect(rig.stats().drops.tooManySsrcs).toBe(8);
  });

  test("rid and mid together name a simulcast layer", () => {
    const rig = new PlaneRig();
    const peer = rig.openPeer();
    rig.apply({ do: "openSource", source: 1, media: "video" });
    rig.openReceiver(peer, 1, 1, {
      mid: "0",
      rids: ["l", "h"],
      extensions: { mid: 4, rid: 5 },
      payloads: [vp8],
    });
    const extensions = [{ id: 4, payload: text("0") }, { id: 5, payload: text("h") }];
    rig.sendRtp(peer, { ...base, ssrc: 9, payloadType: 96, extensions });
    rig.turn();
    expect(rig.stats().receivers.map(({ ssrc, rid }) => ({ ssrc, rid }))).toEqual([{ ssrc: 9, rid: "h" }]);
  });
});
