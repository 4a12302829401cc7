import { GenericNack, RtcpHeader } from "werift";
import { describe, expect, test } from "vitest";
import { LossyLink } from "../../test/kit/lossy_link.ts";
import { openStream, PlaneRig, type RigPeer, vp8More, vp8Start } from "../../test/kit/plane_rig.ts";

describe("a packet's way through the plane", () => {
  test("a published keyframe reaches every viewer with its own SSRC, sequence and time base", () => {
    const { rig, publisher, viewers } = openStream({ viewers: 3 });
    const base = { ssrc: 1234, payloadType: 96, timestamp: 90000 };
    rig.sendRtp(publisher, { ...base, sequenceNumber: 65535, payload: vp8Start(true) });
    rig.sendRtp(publisher, { ...base, sequenceNumber: 0, payload: vp8More(), marker: true });
    rig.turn();
    for (const [i, viewer] of viewers.entries()) {
      expect(viewer.rtp.map((packet) => packet.header.ssrc)).toEqual([9001 + i, 9001 + i]);
      const [first, second] = viewer.rtp.map((packet) => packet.header);
      expect((second.sequenceNumber - first.sequenceNumber) & 0xffff).toBe(1);
      expect(second.timestamp).toBe(first.timestamp);
      expect(first.marker).toBe(false);
      expect(second.marker).toBe(true);
      expect(new Uint8Array(viewer.rtp[0].payload)).toEqual(vp8Start(true));
    }
    expect(rig.events.map((event) => event.on).sort()).toEqual(
      ["senderFlow", "senderFlow", "senderFlow", "sourceFlow", "sourceFormat", "transportMedia"],
    );
  });

  test("is counted for all, or for some of the transports", () => {
    const { rig, publisher, viewers, encoder } = openStream({ viewers: 2 });
    encoder.send(true);
    rig.turn();
    const { receivers, senders, transports } = rig.plane.stats(rig.nowMs, [viewers[1].transport, 999]);
    expect([receivers, senders.map(({ sender }) => sender)]).toEqual([[], [2]]);
    expect(transports.map(({ transport }) => transport)).toEqual([viewers[1].transport]);
    expect(rig.plane.stats(rig.nowMs, [publisher.transport]).receivers).toEqual(rig.stats().receivers);
    expect(rig.stats().senders).toHaveLength(2);
  });

  test("is measured from the system's arrival time until the turn that forwards it is over", () => {
    const { rig, publisher, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    const base = { ssrc: 1234, payloadType: 96, payload: vp8More(), marker: true };
    for (let i = 0; i < 200; i++) {
      const at = { sequenceNumber: 1000 + i, timestamp: 3000 * i };
      rig.sendRtp(publisher, { ...base, ...at }, rig.nowMs + 7);
      rig.turn(10);
      rig.plane.turned(rig.nowMs + 2);
      rig.turn(10);
      // Nothing was forwarded: how long this took is no matter of any packet.
      rig.plane.turned(rig.nowMs + 50);
    }
    expect(Math.abs(rig.stats().receivers[0].latencyMs - (3 + 2))).toBeLessThan(0.1);
  });

  test("a publisher that connects by AES-CM and a viewer that connects by GCM understand each other", () => {
    const rig = new PlaneRig();
    rig.apply({ do: "openSource", source: 1, media: "video" });
    const publisher = rig.openPeer("AES128_CM_HMAC_SHA1_80");
    rig.openReceiver(publisher, 1, 1);
    const viewer = rig.openPeer();
    rig.openSender(viewer, 1, 1);
    const fields = {
      ssrc: 1,
      payloadType: 96,
      sequenceNumber: 1,
      timestamp: 1,
      payload: vp8Start(true, 1200),
    };
    rig.sendRtp(publisher, fields);
    rig.turn();
    expect(new Uint8Array(viewer.rtp[0].payload)).toEqual(fields.payload);
  });
});

/** The lost numbers of the NACKs that a peer got and has not looked at yet. */
function takeNacks(peer: RigPeer): number[] {
  const header = new RtcpHeader({ type: 205, count: 1, version: 2 });
  return peer.rtcp.splice(0).filter((part) => part.type === 205 && part.count === 1).flatMap((part) =>
    GenericNack.deSerialize(Buffer.from(part.bytes.slice(4)), header).lost
  );
}

/** A viewer's jitter buffer: which payloads came, and which numbers are missing. */
class Buffering {
  readonly #byNumber = new Map<number, number>();
  #highest = -1;

  take(viewer: RigPeer): void {
    for (const { header, payload } of viewer.rtp.splice(0)) {
      const rtx = header.ssrc === 8001;
      const number = rtx ? payload.readUInt16BE(0) : header.sequenceNumber;
      this.#byNumber.set(number, payload.readUInt32BE(rtx ? 6 : 4));
      this.#highest = Math.max(this.#highest, number);
    }
  }

  missing(): number[] {
    const first = Math.min(...this.#byNumber.keys());
    const numbers = Array.from({ length: Math.max(0, this.#highest - first) }, (_, i) => first + i);
    return numbers.filter((number) => !this.#byNumber.has(number)).slice(0, 100);
  }

  payloads(): number[] {
    return [...this.#byNumber].sort(([a], [b]) => a - b).map(([, payload]) => payload);
  }
}

/** A publisher and a viewer, each behind a bad link in the direction of the media; NACKs come through. */
class BadDay {
  // The viewer keeps numbers in a map: they must not wrap.
  readonly stream = openStream({ random: () => 1000, sender: { rtxSsrc: 8001 } });
  readonly buffering = new Buffering();
  readonly up: LossyLink<Uint8Array>;
  readonly down: LossyLink<Uint8Array>;
  readonly #sent = new Map<number, Uint8Array>();
  #packets = 0;

  constructor(seed: number) {
    const bad = {
      lossFraction: 0.05,
      duplicateFraction: 0.02,
      reorderFraction: 0.05,
      reorderMs: 15,
      delayMs: 20,
    };
    this.up = new LossyLink({ ...bad, seed });
    this.down = new LossyLink({ ...bad, seed: seed + 100 });
  }

  publish(keyframe: boolean): void {
    const { encoder, publisher, rig } = this.stream;
    for (const fields of encoder.frame(keyframe, 3)) {
      new DataView(fields.payload.buffer).setUint32(4, this.#packets++);
      const bytes = publisher.protectRtp(fields);
      this.#sent.set(fields.sequenceNumber, bytes);
      this.up.send(bytes, rig.nowMs);
    }
  }

  /** Ten milliseconds. */
  pass(): void {
    const { rig, publisher, viewer } = this.stream;
    for (const number of takeNacks(publisher)) this.up.send(this.#sent.get(number)!, rig.nowMs);
    for (const bytes of this.up.receive(rig.nowMs)) rig.deliver(publisher, bytes);
    rig.nowMs += 10;
    rig.plane.turn(rig.nowMs);
    for (const { to, bytes } of rig.udp.sent.splice(0)) {
      if (to.address === publisher.address.address) publisher.take(bytes);
      else this.down.send(bytes, rig.nowMs);
    }
    for (const bytes of this.down.receive(rig.nowMs)) viewer.take(bytes);
    this.buffering.take(viewer);
  }

  complain(): void {
    const { rig, viewer } = this.stream;
    const lost = this.buffering.missing();
    const header = new RtcpHeader({ type: 205, count: 1, version: 2 });
    if (lost.length > 0) {
      rig.sendRtcp(viewer, new GenericNack({ header, senderSsrc: 1, mediaSourceSsrc: 9001, lost }));
    }
  }
}

describe("links that lose, duplicate and reorder", () => {
  test.each([1, 2, 3])("nothing is missing at the viewer in the end (seed %i)", (seed) => {
    const day = new BadDay(seed);
    for (let step = 0; step < 600; step++) {
      if (step < 500) day.publish(step === 0);
      day.pass();
      if (step % 5 === 0) day.complain();
    }
    const payloads = day.buffering.payloads();
    expect(payloads).toEqual(payloads.map((_, i) => payloads[0] + i));
    // Nothing follows the last packets to show that they are missing.
    expect(payloads.length).toBeGreaterThan(1490);
    const { drops, receivers, senders } = day.stream.rig.stats();
    expect(day.up.lost + day.down.lost).toBeGreaterThan(100);
    expect(drops.notAuthentic + drops.malformed).toBe(0);
    expect(receivers[0].nackCount).toBeGreaterThan(10);
    expect(senders[0].retransmittedPacketsSent).toBeGreaterThan(50);
  });
});
