import {
  RtcpHeader,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
  type TransportWideCC,
} from "werift";
import { describe, expect, test } from "vitest";
import { openStream, opus, type RigPeer, vp8 } from "../../test/kit/plane_rig.ts";

const NTP_UNIX_SECONDS = 2_208_988_800;

function ntp(ms: number): bigint {
  return (BigInt(Math.floor(ms / 1000) + NTP_UNIX_SECONDS) << 32n) |
    BigInt(Math.floor((ms % 1000) / 1000 * 2 ** 32));
}

function senderReport(ssrc: number, ms: number, rtpTimestamp: number): RtcpSrPacket {
  const senderInfo = new RtcpSenderInfo({
    ntpTimestamp: ntp(ms),
    rtpTimestamp,
    packetCount: 1,
    octetCount: 1,
  });
  return new RtcpSrPacket({ ssrc, senderInfo, reports: [] });
}

function reportsTo(peer: RigPeer): RtcpSrPacket[] {
  const parts = peer.rtcp.filter((part) => part.type === 200);
  return parts.map((part) => RtcpSrPacket.deSerialize(Buffer.from(part.bytes.slice(4)), part.count));
}

describe("sender reports to viewers", () => {
  test("come with the first packets and each second, with what was sent until then and the CNAME", () => {
    const { rig, viewer, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    for (let i = 0; i < 100; i++) encoder.sendMany(1);
    const reports = reportsTo(viewer);
    expect(reports.length).toBeGreaterThanOrEqual(3);
    expect(reports.length).toBeLessThanOrEqual(6);
    const last = reports.at(-1)!;
    expect(last.ssrc).toBe(9001);
    expect(last.senderInfo.octetCount).toBe(last.senderInfo.packetCount * 100);
    expect(viewer.rtcp.filter((part) => part.type === 202).length).toBe(reports.length);
    const sdes = viewer.rtcp.find((part) => part.type === 202)!;
    expect(new TextDecoder().decode(sdes.bytes)).toContain("test");
  });

  test("map time through the publisher's reports, so that sound and picture stay in step", () => {
    const { rig, publisher, viewer, encoder } = openStream();
    rig.apply({ do: "openSource", source: 2, media: "audio" });
    rig.openReceiver(publisher, 2, 2, { media: "audio", payloads: [opus], mid: "1" });
    rig.openSender(viewer, 2, 2, { media: "audio", payloads: [opus], ssrc: 9102 });
    // The publisher's clock is an hour behind; its video was captured 300 ms before its audio of the same arrival.
    const theirs = (ms: number) => ms - 3_600_000;
    const sound = {
      ssrc: 4,
      payloadType: 111,
      sequenceNumber: 1,
      timestamp: 48_000,
      payload: new Uint8Array(80),
    };
    encoder.send(true);
    rig.sendRtp(publisher, sound);
    rig.turn();
    rig.sendRtcp(publisher, senderReport(1234, theirs(rig.nowMs), encoder.timestamp + 27_000));
    rig.sendRtcp(publisher, senderReport(4, theirs(rig.nowMs), 48_000));
    rig.turn();
    rig.run(1500);
    const ofSsrc = (ssrc: number) =>
      reportsTo(viewer).filter((report) => report.ssrc === ssrc).at(-1)!.senderInfo;
    const video = viewer.rtp.find((packet) => packet.header.ssrc === 9001)!.header.timestamp;
    const audio = viewer.rtp.find((packet) => packet.header.ssrc === 9102)!.header.timestamp;
    const captured = (info: RtcpSenderInfo, timestamp: number, rate: number) =>
      Number(info.ntpTimestamp >> 16n) / 65.536 - ((info.rtpTimestamp - timestamp) | 0) * 1000 / rate;
    const apart = captured(ofSsrc(9102), audio, 48_000) - captured(ofSsrc(9001), video, 90_000);
    expect(Math.abs(apart - 300)).toBeLessThan(2);
  });

  test("a receiver report gives loss, jitter and the round trip", () => {
    const { rig, viewer, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    rig.turn(100);
    const [report] = reportsTo(viewer);
    const lsr = Number((report.senderInfo.ntpTimestamp >> 16n) & 0xffffffffn);
    const block = {
      ssrc: 9001,
      fractionLost: 64,
      packetsLost: 5,
      highestSequence: 1,
      jitter: 900,
      lsr,
      dlsr: 32768,
    };
    rig.sendRtcp(viewer, new RtcpRrPacket({ ssrc: 1, reports: [new RtcpReceiverInfo(block)] }));
    rig.turn(540);
    const row = rig.stats().senders[0];
    expect(row).toMatchObject({ packetsLost: 5, fractionLost: 0.25, jitter: 0.01 });
    // 640 ms after the sender report, of which the viewer had it for 500.
    expect(Math.abs(row.roundTripTime - 0.14)).toBeLessThan(0.001);
  });
});

test("programs hear of a publisher's clock when it tells it, at once, and no guess before", () => {
  const { rig, publisher, viewer, encoder } = openStream();
  const program = rig.openProgram();
  rig.openSender(program, 2, 1, { ssrc: 9200 });
  encoder.send(true);
  for (let i = 0; i < 60; i++) encoder.sendMany(1);
  expect(program.rtp.length).toBeGreaterThan(50);
  expect(reportsTo(program)).toEqual([]);
  expect(reportsTo(viewer).length).toBeGreaterThan(0);
  rig.sendRtcp(publisher, senderReport(1234, rig.nowMs, encoder.timestamp + 900));
  rig.run(60);
  const [{ senderInfo }] = reportsTo(program);
  const last = program.rtp.at(-1)!.header.timestamp;
  const ahead = (senderInfo.rtpTimestamp - last) | 0;
  expect(ahead).toBeGreaterThanOrEqual(900);
  expect(ahead).toBeLessThanOrEqual(900 + 60 * 90);
});

describe("receiver reports to publishers", () => {
  test("tell loss, the highest number with its cycles, and the delay since the last sender report", () => {
    const { rig, publisher, encoder } = openStream({ receiver: { payloads: [] } });
    rig.apply({ do: "closeReceiver", receiver: 1 });
    rig.openReceiver(publisher, 5, 1);
    encoder.sequence = 65_530;
    for (let i = 0; i < 20; i++) {
      const [kept, lost] = encoder.frame(i === 0, 2);
      rig.sendRtp(publisher, kept);
      if (i % 2 === 0) rig.sendRtp(publisher, lost);
      rig.turn(10);
    }
    rig.sendRtcp(publisher, senderReport(1234, rig.nowMs, 1));
    rig.turn();
    const [lsr] = [Number((ntp(rig.nowMs) >> 16n) & 0xffffffffn)];
    publisher.rtcp.length = 0;
    const reportAt = rig.nowMs;
    while (!publisher.rtcp.some((part) => part.type === 201 && part.count > 0)) rig.turn(10);
    const part = publisher.rtcp.find((each) => each.type === 201 && each.count > 0)!;
    const { reports } = RtcpRrPacket.deSerialize(Buffer.from(part.bytes.slice(4)), part.count);
    expect(reports[0]).toMatchObject({ ssrc: 1234, packetsLost: 9, highestSequence: 65_536 + 32, lsr });
    expect(reports[0].fractionLost).toBe(Math.floor(9 * 256 / 39));
    // Frames 33 ms apart by their timestamps came each 10 ms; the very first packet is no jump from nothing.
    expect(reports[0].jitter).toBeLessThan(23 * 90);
    expect(Math.abs(reports[0].dlsr / 65.536 - (rig.nowMs - reportAt))).toBeLessThan(1);
  });

  test("REMB follows what arrives where transport-wide feedback was not negotiated", () => {
    const remb = { nack: false, pli: true, fir: false, remb: true, transportCc: false };
    const { rig, publisher, encoder } = openStream({ viewers: 0 });
    rig.apply({ do: "closeReceiver", receiver: 1 });
    rig.openReceiver(publisher, 2, 1, { payloads: [{ ...vp8, feedback: remb }] });
    encoder.send(true);
    rig.turn();
    encoder.sendMany(200, 4, 1000);
    const estimates = publisher.rtcp.filter((part) => part.type === 206 && part.count === 15);
    const bitrate = (bytes: Uint8Array) =>
      (((bytes[17] & 3) << 16) | (bytes[18] << 8) | bytes[19]) * 2 ** (bytes[17] >> 2);
    expect(estimates.length).toBeGreaterThanOrEqual(3);
    // 4 × 1028 bytes each 30 ms are 1.1 Mbit/s; the estimate leads by half of that and 100 kbit/s.
    const last = bitrate(estimates.at(-1)!.bytes);
    expect(last).toBeGreaterThan(1_600_000);
    expect(last).toBeLessThan(1_850_000);
  });

  test("transport-wide feedback goes out every 50 ms while packets come, where negotiated", () => {
    const { rig, publisher, encoder } = openStream({ receiver: { extensions: { transportWideCc: 7 } } });
    for (let i = 0; i < 40; i++) {
      const [fields] = encoder.frame(i === 0, 1);
      rig.sendRtp(publisher, { ...fields, extensions: [{ id: 7, payload: Uint8Array.of(0, i) }] });
      rig.turn(10);
    }
    const feedback = publisher.rtcp.filter((part) => part.type === 205 && part.count === 15);
    expect(feedback.length).toBe(8);
    rig.run(1000);
    expect(publisher.rtcp.filter((part) => part.type === 205 && part.count === 15).length).toBe(9);
    const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset);
    const told = feedback.map(({ bytes }) => [view(bytes).getUint16(12), view(bytes).getUint16(14)]);
    for (let i = 1; i < told.length; i++) expect(told[i][0]).toBe(told[i - 1][0] + told[i - 1][1]);
  });
});

test("transport-wide feedback tells when packets came, however late this process was to read them", () => {
  const { rig, publisher, encoder } = openStream({ receiver: { extensions: { transportWideCc: 7 } } });
  for (let i = 0; i < 5; i++) {
    const [fields] = encoder.frame(i === 0, 1);
    rig.sendRtp(
      publisher,
      { ...fields, extensions: [{ id: 7, payload: Uint8Array.of(0, i) }] },
      5_000_000 + 10 * i,
    );
  }
  rig.turn(100);
  const [feedback] = publisher.rtcp.filter((part) => part.type === 205 && part.count === 15);
  const read = RtcpTransportLayerFeedback.deSerialize(
    Buffer.from(feedback.bytes.subarray(4)),
    RtcpHeader.deSerialize(Buffer.from(feedback.bytes)),
  ).feedback as TransportWideCC;
  const arrivals = read.packetResults.slice(0, read.packetStatusCount).map((result) => result.receivedAtMs);
  expect(arrivals.slice(1).map((ms, i) => ms - arrivals[i])).toEqual([10, 10, 10, 10]);
});

describe("the end of a stream", () => {
  test("viewers are told BYE when their transport closes", () => {
    const { rig, viewer, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    rig.apply({ do: "closeTransport", transport: viewer.transport, bye: true });
    rig.turn();
    const bye = viewer.rtcp.find((part) => part.type === 203)!;
    expect(new DataView(bye.bytes.buffer).getUint32(4)).toBe(9001);
  });

  test("a publisher's BYE for all its SSRCs is an event, and media afterwards another", () => {
    const { rig, publisher, encoder } = openStream();
    encoder.send(true);
    rig.turn();
    const bye = Uint8Array.of(0x81, 203, 0, 1, 0, 0, 0x04, 0xd2);
    rig.sendRtcp(publisher, { serialize: () => bye });
    rig.turn();
    encoder.send(true);
    rig.turn();
    expect(rig.eventsOf("transportMedia").map(({ active, reason }) => ({ active, reason }))).toEqual([
      { active: true, reason: "first" },
      { active: false, reason: "bye" },
      { active: true, reason: "first" },
    ]);
  });
});
