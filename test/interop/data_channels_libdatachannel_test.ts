import { Buffer } from "node:buffer";
import * as ndc from "node-datachannel";
import { describe, expect, test } from "vitest";
import type { DataChannelWish, PeerOptions } from "../../src/peer/mod.ts";
import { type LoopbackPeer, openLoopback, publisher } from "../kit/loopback_peer.ts";
import { LossyLink } from "../kit/lossy_link.ts";

const withData: PeerOptions = { ...publisher, data: true };
const reliable: DataChannelWish = {
  label: "chat",
  ordered: true,
  maxPacketLifeTimeMs: null,
  maxRetransmits: null,
  protocol: "",
};

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

interface Theirs {
  connection: ndc.PeerConnection;
  /** Channels that we opened, as they came there. */
  incoming: ndc.DataChannel[];
}

function openTheirs(disableAutoNegotiation = true): Theirs {
  const connection = new ndc.PeerConnection("theirs", { iceServers: [], disableAutoNegotiation });
  const incoming: ndc.DataChannel[] = [];
  connection.onDataChannel((channel) => incoming.push(channel));
  return { connection, incoming };
}

/** libdatachannel offers with the channels that `prepare` makes. */
async function connect<T>(
  prepare: (connection: ndc.PeerConnection) => T,
  edit: (offer: string) => string = (offer) => offer,
  drops?: Parameters<typeof openLoopback>[1],
) {
  const ours = await openLoopback(withData, drops);
  const { connection, incoming } = openTheirs();
  const prepared = prepare(connection);
  connection.setLocalDescription("offer" as ndc.DescriptionType);
  await until(() => connection.localDescription() !== null);
  const answer = ours.peer.processOffer(edit(connection.localDescription()!.sdp));
  connection.setRemoteDescription(answer, "answer" as ndc.DescriptionType);
  return { ours, connection, incoming, prepared, answer };
}

async function close(ours: LoopbackPeer, connection: ndc.PeerConnection): Promise<void> {
  connection.close();
  await ours.close();
}

const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8));

describe("data channels with libdatachannel", () => {
  test("a channel of theirs opens once here, and text, bytes and nothing go both ways", async () => {
    const { ours, connection, prepared: theirs } = await connect((c) => c.createDataChannel("chat"));
    const heard: (string | Buffer | ArrayBuffer)[] = [];
    theirs.onMessage((message) => heard.push(message));
    await until(() => theirs.isOpen() && ours.channels.length > 0);
    expect(ours.channels.map(({ label, state }) => [label, state])).toEqual([["chat", "open"]]);
    const { channelId } = ours.channels[0];
    theirs.sendMessage("grüß dich");
    theirs.sendMessageBinary(Buffer.from([1, 2, 3]));
    theirs.sendMessage("");
    await until(() => ours.messages.length === 3);
    expect(ours.messages.map((m) => m.payload)).toEqual(["grüß dich", Uint8Array.of(1, 2, 3), ""]);
    expect(ours.peer.sendData(channelId, "hello")).toBe(true);
    expect(ours.peer.sendData(channelId, new Uint8Array([9, 8]))).toBe(true);
    await until(() => heard.length === 2);
    expect(heard).toEqual(["hello", Buffer.from([9, 8])]);
    expect(ours.peer.dataChannels).toMatchObject([{
      messagesSent: 2,
      bytesSent: 7,
      messagesReceived: 3,
      bytesReceived: 14,
    }]);
    await close(ours, connection);
    expect(ours.channels.map((c) => c.state)).toEqual(["open", "closed"]);
  });

  test("several channels of ours open there with label, protocol and reliability", async () => {
    const { ours, connection, incoming } = await connect((c) => c.createDataChannel("theirs"));
    await until(() => ours.channels.length === 1);
    const wishes = [
      { ...reliable, label: "one", protocol: "words" },
      { ...reliable, label: "two", ordered: false, maxRetransmits: 3 },
      { ...reliable, label: "three", maxPacketLifeTimeMs: 500 },
    ];
    const ids = wishes.map((wish) => ours.peer.createDataChannel(wish));
    await until(() => incoming.length === 3 && ours.channels.length === 4);
    expect(incoming.map((c) => c.getLabel()).sort()).toEqual(["one", "three", "two"]);
    expect(incoming.find((c) => c.getLabel() === "one")!.getProtocol()).toBe("words");
    // Theirs has the even ids of one DTLS role, ours the odd ones of the other, or the other way round.
    const parities = ids.map((id) => id % 2);
    expect(new Set(parities)).toEqual(new Set([1 - ours.channels[0].channelId % 2]));
    for (const channel of incoming) channel.onMessage((m) => channel.sendMessage(`${m} back`));
    ids.forEach((id) => expect(ours.peer.sendData(id, `over ${id}`)).toBe(true));
    await until(() => ours.messages.length === 3);
    expect(ours.messages.map((m) => m.payload).sort()).toEqual(ids.map((id) => `over ${id} back`).sort());
    await close(ours, connection);
  });

  test("a message of 256 KiB goes both ways unchanged, and a larger one is refused", async () => {
    const { ours, connection, prepared: theirs } = await connect((c) => c.createDataChannel("bulk"));
    const heard: Uint8Array[] = [];
    theirs.onMessage((message) => heard.push(new Uint8Array(message as Buffer)));
    await until(() => theirs.isOpen() && ours.channels.length === 1);
    const big = pattern(262_144);
    theirs.sendMessageBinary(Buffer.from(big));
    await until(() => ours.messages.length === 1);
    expect(Buffer.compare(ours.messages[0].payload as Uint8Array, big)).toBe(0);
    const { channelId } = ours.channels[0];
    expect(ours.peer.sendData(channelId, new Uint8Array(262_145))).toBe(false);
    expect(ours.peer.sendData(channelId, big)).toBe(true);
    await until(() => heard.length === 1);
    expect(Buffer.compare(heard[0], big)).toBe(0);
    await close(ours, connection);
  });

  test("their closing of a channel closes it here, and ours closes it there", async () => {
    const { ours, connection, prepared } = await connect((c) =>
      ["a", "b"].map((l) => c.createDataChannel(l))
    );
    const [a, b] = prepared;
    let aClosed = false;
    a.onClosed(() => aClosed = true);
    await until(() => a.isOpen() && b.isOpen() && ours.channels.length === 2);
    const idOf = (label: string) => ours.channels.find((c) => c.label === label)!.channelId;
    b.close();
    await until(() => ours.channels.length === 3);
    expect(ours.channels[2]).toMatchObject({ label: "b", state: "closed" });
    ours.peer.sendData(idOf("a"), "last words");
    ours.peer.closeDataChannel(idOf("a"));
    expect(ours.peer.sendData(idOf("a"), "too late")).toBe(false);
    await until(() => aClosed && ours.channels.length === 4);
    expect(ours.peer.dataChannels).toEqual([]);
    expect(ours.ended).toEqual([]);
    await close(ours, connection);
  });

  test("it answers an offer of ours that has nothing but data channels", async () => {
    const ours = await openLoopback(withData);
    const { connection, incoming } = openTheirs(false);
    const offer = ours.peer.generateOffer({ audio: false, video: false });
    expect(offer).toMatch(/m=application \d+ UDP\/DTLS\/SCTP webrtc-datachannel/);
    connection.setRemoteDescription(offer, "offer" as ndc.DescriptionType);
    await until(() => connection.localDescription() !== null);
    ours.peer.processAnswer(connection.localDescription()!.sdp);
    expect(() => ours.peer.createDataChannel(reliable)).toThrow(/connecting|new/);
    await ours.keysCame;
    await until(() => connection.state() === "connected");
    const id = ours.peer.createDataChannel(reliable);
    await until(() => incoming.length === 1 && ours.channels.length === 1);
    incoming[0].onMessage((m) => incoming[0].sendMessage(`${m}!`));
    ours.peer.sendData(id, "hi");
    await until(() => ours.messages.length === 1);
    expect(ours.messages[0].payload).toBe("hi!");
    await close(ours, connection);
  });

  test("as DTLS client it works as well", async () => {
    const { ours, connection, prepared: theirs } = await connect(
      (c) => c.createDataChannel("chat"),
      (offer) => offer.replaceAll("a=setup:actpass", "a=setup:passive"),
    );
    await until(() => theirs.isOpen() && ours.channels.length === 1);
    theirs.sendMessage("x");
    await until(() => ours.messages.length === 1);
    await close(ours, connection);
  });

  test(
    "reliable messages arrive whole and in order although one datagram in ten is lost each way",
    async () => {
      const dice = new LossyLink<number>({ seed: 7, lossFraction: 0.1 });
      const drops = (_: "in" | "out", bytes: Uint8Array) => {
        const lost = dice.lost;
        if (bytes[0] === 23) dice.send(0, 0);
        return dice.lost > lost;
      };
      const { ours, connection, prepared: theirs } = await connect(
        (c) => c.createDataChannel("lossy"),
        undefined,
        drops,
      );
      const heard: string[] = [];
      theirs.onMessage((m) => heard.push(m as string));
      await until(() => theirs.isOpen() && ours.channels.length === 1);
      const texts = Array.from({ length: 60 }, (_, i) => `${i} `.repeat(400));
      for (const text of texts) {
        theirs.sendMessage(text);
        expect(ours.peer.sendData(ours.channels[0].channelId, text)).toBe(true);
      }
      await until(() => ours.messages.length === 60 && heard.length === 60);
      expect(ours.messages.map((m) => m.payload)).toEqual(texts);
      expect(heard).toEqual(texts);
      expect(dice.lost).toBeGreaterThan(5);
      await close(ours, connection);
    },
    40_000,
  );

  test("messages without retransmission go missing under loss, and the channel goes on", async () => {
    const dice = new LossyLink<number>({ seed: 3, lossFraction: 0.2 });
    let losing = false;
    const drops = (_: "in" | "out", bytes: Uint8Array) => {
      const lost = dice.lost;
      if (losing && bytes[0] === 23) dice.send(0, 0);
      return dice.lost > lost;
    };
    const { ours, connection, prepared: theirs } = await connect(
      (c) => c.createDataChannel("fleeting", { unordered: true, maxRetransmits: 0 }),
      undefined,
      drops,
    );
    const heard = new Set<string>();
    theirs.onMessage((m) => heard.add(m as string));
    await until(() => theirs.isOpen() && ours.channels.length === 1);
    const { channelId } = ours.channels[0];
    losing = true;
    for (let i = 0; i < 100; i++) {
      ours.peer.sendData(channelId, `m${i}`);
      theirs.sendMessage(`m${i}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    losing = false;
    await until(() => {
      ours.peer.sendData(channelId, "end");
      theirs.sendMessage("end");
      return heard.has("end") && ours.messages.some((m) => m.payload === "end");
    });
    const received = new Set(ours.messages.map((m) => m.payload));
    expect(heard.size).toBeGreaterThan(50);
    expect(heard.size).toBeLessThan(101);
    expect(received.size).toBeGreaterThan(50);
    expect(received.size).toBeLessThan(101);
    await close(ours, connection);
  }, 40_000);

  test("an echo of 16 MiB in messages of 64 KiB comes back complete", async () => {
    const { ours, connection, prepared: theirs } = await connect((c) => c.createDataChannel("echo"));
    let bytes = 0;
    theirs.onMessage((m) => bytes += (m as Buffer).length);
    await until(() => theirs.isOpen() && ours.channels.length === 1);
    const waiting: Uint8Array[] = [];
    const { channelId } = ours.channels[0];
    const pump = () => {
      while (waiting.length > 0 && ours.peer.sendData(channelId, waiting[0])) waiting.shift();
    };
    ours.onData = (_, payload) => {
      waiting.push(payload as Uint8Array);
      pump();
    };
    const block = Buffer.from(pattern(65_536));
    const startMs = performance.now();
    for (let i = 0; i < 256; i++) theirs.sendMessageBinary(block);
    await until(() => {
      pump();
      return bytes === 256 * 65_536;
    });
    const seconds = (performance.now() - startMs) / 1000;
    expect(16 / seconds).toBeGreaterThan(0.5);
    if (Deno.env.get("FIGURES")) console.log(`echo ${(16 / seconds).toFixed(1)} MiB/s`);
    await close(ours, connection);
  }, 60_000);
});
