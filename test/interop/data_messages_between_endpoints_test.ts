import { Buffer } from "node:buffer";
import * as ndc from "node-datachannel";
import { afterAll, beforeAll, expect, test } from "vitest";
import { followEvents } from "../kit/event_follower.ts";
import { type RestClient, restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let rest: RestClient;
beforeAll(async () => {
  server = await startServer();
  rest = restClient(server.baseUrl);
});
afterAll(() => server?.stop());

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 10_000, interval: 20 }).toBe(true);
}

interface Client {
  connection: ndc.PeerConnection;
  channels: ndc.DataChannel[];
  heard: { label: string; message: string | Uint8Array }[];
}

/** libdatachannel at the endpoint, with an open channel for each label. */
async function join(endpoint: string, ...labels: string[]): Promise<Client> {
  const connection = new ndc.PeerConnection("client", { iceServers: [], disableAutoNegotiation: true });
  const heard: Client["heard"] = [];
  const channels: ndc.DataChannel[] = [];
  const watch = (channel: ndc.DataChannel) => {
    channels.push(channel);
    const label = channel.getLabel();
    channel.onMessage((message) =>
      heard.push({ label, message: typeof message === "string" ? message : new Uint8Array(message) })
    );
  };
  connection.onDataChannel(watch);
  for (const label of labels) watch(connection.createDataChannel(label));
  connection.setLocalDescription("offer" as ndc.DescriptionType);
  await until(() => connection.localDescription() !== null);
  const offer = connection.localDescription()!.sdp;
  const { body } = await rest.post(`/v1/elements/${endpoint}/processOffer`, { offer });
  connection.setRemoteDescription(body.result, "answer" as ndc.DescriptionType);
  await until(() => channels.every((channel) => channel.isOpen()));
  return { connection, channels, heard };
}

async function pipelineOf(count: number, connections: [number, number][]): Promise<string[]> {
  const elements = Array.from({ length: count }, (_, i) => ({
    type: "WebRtcEndpoint",
    name: `e${i}`,
    options: { useDataChannels: true, certificateKeyType: "ECDSA" },
  }));
  const reply = await rest.post("/v1/pipelines", {
    elements,
    connections: connections.map(([source, sink]) => ({ source: `e${source}`, sink: `e${sink}` })),
  });
  expect(reply.status).toBe(201);
  return reply.body.elements.map(({ id }: { id: string }) => id);
}

test("an endpoint connected to itself gives every message back by the channel that it came by", async () => {
  const [id] = await pipelineOf(1, [[0, 0]]);
  const client = await join(id, "chat", "bulk");
  const large = Uint8Array.from({ length: 100_000 }, (_, i) => i * 3 + (i >> 8));
  client.channels[0].sendMessage("hello");
  client.channels[1].sendMessageBinary(Buffer.from(large));
  await until(() => client.heard.length === 2);
  expect(client.heard.find((h) => h.label === "chat")!.message).toBe("hello");
  expect(client.heard.find((h) => h.label === "bulk")!.message).toEqual(large);
  client.connection.close();
});

test("a message goes to every endpoint that is connected, and back the other way", async () => {
  const [a, b, c] = await pipelineOf(3, [[0, 1], [0, 2], [1, 0]]);
  const clients = [await join(a, "x", "chat"), await join(b, "chat", "x"), await join(c, "other")];
  clients[0].channels[1].sendMessage("to all");
  await until(() => clients[1].heard.length === 1 && clients[2].heard.length === 1);
  expect(clients[1].heard).toEqual([{ label: "chat", message: "to all" }]);
  expect(clients[2].heard).toEqual([{ label: "other", message: "to all" }]);
  clients[1].channels[1].sendMessage("back");
  await until(() => clients[0].heard.length === 1);
  expect(clients[0].heard).toEqual([{ label: "x", message: "back" }]);
  for (const { connection } of clients) connection.close();
});

test("by REST a channel is opened, sent by, listened to, counted and closed", async () => {
  const [id] = await pipelineOf(1, []);
  const follower = await followEvents(`${server.baseUrl}/v1/events?element=${id}`, 0);
  const told = (type: string) => follower.events.filter((event) => event.type.endsWith(type));
  const client = await join(id, "theirs");
  await until(() => told("DataChannelOpened").length === 1);
  const created = await rest.post(`/v1/elements/${id}/createDataChannel`, {
    label: "ours",
    maxRetransmits: 2,
  });
  expect(created.status).toBe(200);
  await until(() => told("DataChannelOpened").length === 2 && client.channels.length === 2);
  await rest.post(`/v1/elements/${id}/sendDataChannelMessage`, { text: "first open one" });
  const channelId = client.channels.find((channel) => channel.getLabel() === "ours")!.getId();
  await rest.post(`/v1/elements/${id}/sendDataChannelMessage`, { channelId, base64: "AQID" });
  await until(() => client.heard.length === 2);
  expect(client.heard).toContainEqual({ label: "theirs", message: "first open one" });
  expect(client.heard).toContainEqual({ label: "ours", message: new Uint8Array([1, 2, 3]) });
  client.channels[0].sendMessage("an event");
  await until(() => told("DataChannelMessageReceived").length === 1);
  expect(told("DataChannelMessageReceived")[0].data).toMatchObject({
    data: { label: "theirs", text: "an event", bytes: 8, omitted: 0 },
  });
  const { body: stats } = await rest.get(`/v1/elements/${id}/stats`);
  const figures = Object.values(stats as Record<string, { type: string; label?: string }>)
    .filter(({ type }) => type === "data-channel");
  expect(figures.find(({ label }) => label === "theirs")).toMatchObject({
    messagesReceived: 1,
    bytesReceived: 8,
    messagesSent: 1,
    bytesSent: 14,
    state: "open",
  });
  expect((await rest.post(`/v1/elements/${id}/closeDataChannel`, { channelId })).status).toBe(200);
  await until(() => told("DataChannelClosed").length === 1);
  const refused = await rest.post(`/v1/elements/${id}/closeDataChannel`, { channelId });
  expect([refused.status, refused.body.code]).toEqual([404, "data_channel_not_found"]);
  client.connection.close();
  await until(() => told("DataChannelClosed").length === 2);
  follower.stop();
});
