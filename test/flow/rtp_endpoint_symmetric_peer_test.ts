import { Buffer } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RtpHeader, RtpPacket, SrtpSession } from "werift";
import { restClient } from "../kit/rest_client.ts";
import { openByRest, type RtpEndpointDoor } from "../kit/rtp_endpoint_doors.ts";
import { answered, type OfferedRtp, rtpOffer } from "../kit/rtp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";

/** Room for three pairs: each test lets go of what it opened. */
const range = { KASKADO_RTP_PORTS: "14000-14005" };

let server: TestServer;
let door: RtpEndpointDoor;
let socket: Socket;
const received: Buffer[] = [];
beforeAll(async () => {
  server = await startServer({ env: { ...range, KASKADO_BIND: "" } });
  socket = createSocket("udp4");
  socket.on("message", (bytes) => received.push(bytes));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
});
afterAll(async () => {
  socket?.close();
  await server?.stop();
});

/** A keyframe of VP8 in one packet. */
const payload = Buffer.from([0x10, 0, ...Array(60).keys()]);
const header = (sequenceNumber: number) =>
  new RtpHeader({
    version: 2,
    ssrc: 4711,
    payloadType: 96,
    marker: true,
    sequenceNumber,
    timestamp: sequenceNumber * 3000,
  });
const packet = (sequenceNumber: number) => new RtpPacket(header(sequenceNumber), payload).serialize();
const video = (more: Partial<OfferedRtp> = {}): OfferedRtp => ({
  kind: "video",
  port: 9,
  payloadType: 96,
  codec: "VP8",
  direction: "sendrecv",
  ...more,
});
const mediaIn = (all: Buffer[]) => all.filter((bytes) => bytes[1] < 192 || bytes[1] > 223);

async function withLoop(options: Record<string, unknown>, run: () => Promise<void>): Promise<void> {
  door = await openByRest(server.baseUrl);
  await door.create("loop", options);
  await door.connect("loop", "loop");
  received.length = 0;
  try {
    await run();
  } finally {
    await door.close();
  }
}

const eventsOf = async (id: string) => {
  const { body } = await restClient(server.baseUrl).get(`/v1/elements/${id}`);
  return body.properties;
};

describe("a peer whose description says that it opens the connection", () => {
  test("gets its media back where it sends from, and a stranger gets nothing", async () => {
    await withLoop({}, async () => {
      const answer = await door.processOffer(
        "loop",
        rtpOffer([video({ lines: ["a=direction:active"] })], "10.255.0.1"),
      );
      expect(answer).toContain("a=direction:passive");
      expect((await eventsOf(door.idOf("loop"))).connectionState).toBe("DISCONNECTED");
      const { port } = answered(answer, "video");
      const stranger = createSocket("udp4");
      const strangers: Buffer[] = [];
      stranger.on("message", (bytes) => strangers.push(bytes));
      let sequenceNumber = 100;
      await expect.poll(() => {
        socket.send(packet(sequenceNumber++), port, "127.0.0.1");
        return mediaIn(received).length;
      }, { interval: 50 }).toBeGreaterThan(5);
      const before = mediaIn(received).length;
      for (let i = 0; i < 20; i++) stranger.send(packet(sequenceNumber + i), port, "127.0.0.1");
      await expect.poll(() => {
        socket.send(packet(sequenceNumber++), port, "127.0.0.1");
        return mediaIn(received).length;
      }, { interval: 50 }).toBeGreaterThan(before + 10);
      expect(strangers).toEqual([]);
      expect(mediaIn(received).every((bytes) => bytes.subarray(12).equals(payload))).toBe(true);
      expect((await eventsOf(door.idOf("loop"))).connectionState).toBe("CONNECTED");
      stranger.close();
    });
  });

  test("that encrypts is told before its key is used up, and is not heard after", async () => {
    const keys = { key: Buffer.alloc(16, 3), salt: Buffer.alloc(14, 5) };
    const theirs = Buffer.concat([keys.key, keys.salt]).toString("base64");
    const line = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${theirs}|2^6`;
    await withLoop({ crypto: { crypto: "AES_128_CM_HMAC_SHA1_80" } }, async () => {
      const offer = rtpOffer([video({ protocol: "RTP/SAVP", lines: [line, "a=setup:active"] })]);
      const { port, key } = answered(await door.processOffer("loop", offer), "video");
      const ours = Buffer.from(key, "base64");
      const session = new SrtpSession({
        profile: 1,
        keys: {
          localMasterKey: keys.key,
          localMasterSalt: keys.salt,
          remoteMasterKey: ours.subarray(0, 16),
          remoteMasterSalt: ours.subarray(16),
        },
      });
      const events = followEvents(door.idOf("loop"));
      let sent = 0;
      await expect.poll(async () => {
        for (let i = 0; i < 4; i++) socket.send(session.encrypt(payload, header(sent++)), port, "127.0.0.1");
        return (await events).some((type) => type === "OnKeySoftLimit") || sent > 400;
      }, { interval: 40 }).toBe(true);
      expect(sent).toBeLessThan(200);
      const plain = RtpPacket.deSerialize(session.decrypt(mediaIn(received)[0]));
      expect(plain.payload.equals(payload)).toBe(true);
      // The plane looks at keys twenty times a second: then what is sent is not heard any more.
      let heard = 0;
      await expect.poll(async () => {
        socket.send(session.encrypt(payload, header(sent++)), port, "127.0.0.1");
        const before = heard;
        heard = (await figures()).packetsReceived;
        return heard >= 64 && heard === before;
      }, { interval: 100 }).toBe(true);
      for (let i = 0; i < 50; i++) socket.send(session.encrypt(payload, header(sent++)), port, "127.0.0.1");
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect((await figures()).packetsReceived).toBe(heard);
      expect(heard).toBeLessThan(100);
    });
  });

  const figures = async () => {
    const { body } = await restClient(server.baseUrl).get(`/v1/elements/${door.idOf("loop")}/stats`);
    return Object.values<{ type: string; packetsReceived: number }>(body).find(({ type }) =>
      type === "transport"
    )!;
  };

  /** Types of the element's events, as far as they have come. */
  async function followEvents(elementId: string): Promise<string[]> {
    const types: string[] = [];
    const response = await fetch(`${server.baseUrl}/v1/events?element=${elementId}`);
    (async () => {
      for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
        types.push(...[...text.matchAll(/^event: ?(\w+)/gm)].map(([, type]) => type));
      }
    })().catch(() => {});
    return types;
  }
});

test("a sender that comes back with the same SSRC and other numbers is seen again", async () => {
  await withLoop({}, async () => {
    const { port: own } = socket.address();
    const answer = await door.processOffer("loop", rtpOffer([video({ port: own, lines: ["a=rtcp-mux"] })]));
    const { port } = answered(answer, "video");
    for (const first of [50_000, 1000]) {
      received.length = 0;
      let sequenceNumber = first;
      await expect.poll(() => {
        socket.send(packet(sequenceNumber++), port, "127.0.0.1");
        return mediaIn(received).length;
      }, { interval: 30, timeout: 3000 }).toBeGreaterThan(8);
    }
  });
});

test("ports are even, come from the range, run out with a reason, and come back", async () => {
  const doors = await Promise.all(["a", "b", "c", "d"].map(async (name) => {
    const each = await openByRest(server.baseUrl);
    await each.create(name);
    return { name, each };
  }));
  const ports: number[] = [];
  for (const { name, each } of doors.slice(0, 3)) {
    ports.push(answered(await each.processOffer(name, rtpOffer([video({ port: 5000 })])), "video").port);
  }
  expect(ports.sort()).toEqual([14_000, 14_002, 14_004]);
  const last = doors[3];
  const attempt = () => last.each.processOffer("d", rtpOffer([video({ port: 5000 })]));
  await expect(attempt()).rejects.toMatchObject({ code: "limit_reached" });
  await doors[1].each.close();
  expect(ports).toContain(answered(await attempt(), "video").port);
  await Promise.all([doors[0], doors[2], last].map(({ each }) => each.close()));
});

test("an offer of the server's is answered, and media flows to what the answer names", async () => {
  await withLoop({}, async () => {
    const offer = await door.generateOffer("loop");
    const { port } = answered(offer, "video");
    const answer = rtpOffer([
      { ...video(), kind: "audio", port: 0, payloadType: 111, codec: "OPUS" },
      video({ port: socket.address().port, protocol: "RTP/AVPF", lines: ["a=rtcp-mux"] }),
    ]);
    expect(await door.processAnswer("loop", answer)).toBe(offer);
    let sequenceNumber = 1;
    await expect.poll(() => {
      socket.send(packet(sequenceNumber++), port, "127.0.0.1");
      return mediaIn(received).length;
    }, { interval: 30 }).toBeGreaterThan(3);
  });
});
