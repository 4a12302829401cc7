import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { type DoorClient, openDoor, type TestDoor } from "../../../test/kit/kurento_door.ts";
import { defineElement, gives, MediaElement, operation } from "../../module/mod.ts";

let open: TestDoor;
let client: DoorClient;

beforeEach(async () => {
  open = await openDoor();
  client = open.client();
});
afterEach(() => open.close());

const uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

describe("the envelope", () => {
  test("malformed JSON is told, and the next request on the same socket is served", async () => {
    expect(await client.ask("{nonsense")).toEqual({
      error: { code: -32700, message: "Parse error." },
      id: null,
      jsonrpc: "2.0",
    });
    expect(await client.call("ping")).toEqual({ value: "pong" });
  });

  test("an unknown method, also one that every object has", async () => {
    expect(await client.refusal("fly", {})).toEqual({ code: -32601, message: "Method not found." });
    expect((await client.refusal("toString", {})).code).toBe(-32601);
  });

  test("params that are missing, are no object, or lack a field", async () => {
    expect(await client.refusal("create")).toEqual({
      code: -32602,
      data: { type: "INVALID_PARAMS" },
      message: "'params' is required",
    });
    expect((await client.refusal("create", [1])).code).toBe(-32603);
    expect(await client.refusal("describe", {})).toEqual({
      code: -32000,
      message: "'object' parameter is required",
    });
    expect((await client.refusal("describe", { object: 5 })).message).toBe(
      "'object' parameter should be a string",
    );
    expect((await client.refusal("transaction", { operations: {} })).message).toBe(
      "'operations' parameter should be an array",
    );
    expect((await client.refusal("keepAlive", {})).message).toBe("'sessionId' parameter is required");
    expect((await client.refusal("ping", { sessionId: 5 })).message).toBe(
      "'sessionId' parameter should be a string",
    );
  });

  test("a notification is carried out, and its result is told as ignored", async () => {
    const reply = await client.ask('{"jsonrpc":"2.0","method":"create","params":{"type":"MediaPipeline"}}');
    expect(reply).toMatchObject({
      id: null,
      error: { code: -32000, message: "Ignoring response because of a notification request" },
    });
    expect(reply.error.data.value).toMatch(/MediaPipeline$/);
    expect(open.house.commands.pipelineIds()).toHaveLength(1);
    expect(await client.ask('{"jsonrpc":"2.0","method":"closeSession","params":{}}')).toBe("");
    expect(open.house.commands.pipelineIds()).toHaveLength(0);
  });

  test("values nested beyond all reason cost nothing but an error", async () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    const params = `{"operations":[{"id":0,"jsonrpc":"2.0","method":"ping","params":{"a":${deep}}}]}`;
    const reply = await client.ask(`{"jsonrpc":"2.0","id":1,"method":"transaction","params":${params}}`);
    expect(reply).toMatchObject({ id: 1, error: { code: -32603 } });
    expect(await client.call("ping")).toMatchObject({ value: "pong" });
  });
});

describe("create and describe", () => {
  test("ids tell the place and the class", async () => {
    const pipeline = await client.create("MediaPipeline");
    expect(pipeline).toMatch(new RegExp(`^${uuid}_kurento\\.MediaPipeline$`));
    const endpoint = await client.create("WebRtcEndpoint", { mediaPipeline: pipeline });
    expect(endpoint).toMatch(new RegExp(`^${pipeline}/${uuid}_kurento\\.WebRtcEndpoint$`));
    expect(await client.create("kurento.PassThrough", { mediaPipeline: pipeline })).toMatch(/PassThrough$/);
    const { definition } = open.house.commands.describeObject(endpoint.split("/")[1].slice(0, 36));
    expect(definition.type).toBe("WebRtcEndpoint");
  });

  test("a port's parent is its hub", async () => {
    const pipeline = await client.create("MediaPipeline");
    const hub = await client.create("Dispatcher", { mediaPipeline: pipeline });
    const port = await client.create("HubPort", { hub });
    expect(port).toMatch(new RegExp(`^${hub}/${uuid}_kurento\\.HubPort$`));
    expect(await client.invoke(port, "getParent")).toBe(hub);
    expect(await client.invoke(port, "getMediaPipeline")).toBe(pipeline);
    expect(await client.invoke(hub, "getChildren")).toEqual([port]);
  });

  test("the class of an object and what it extends", async () => {
    const pipeline = await client.create("MediaPipeline");
    const endpoint = await client.create("WebRtcEndpoint", { mediaPipeline: pipeline });
    expect(await client.call("describe", { object: endpoint })).toEqual({
      type: "WebRtcEndpoint",
      qualifiedType: "kurento.WebRtcEndpoint",
      hierarchy: [
        "BaseRtpEndpoint",
        "SdpEndpoint",
        "SessionEndpoint",
        "Endpoint",
        "MediaElement",
        "MediaObject",
      ]
        .map((type) => `kurento.${type}`),
      sessionId: expect.any(String),
    });
  });

  test.each([
    ["NoSuchClass", "Factory 'NoSuchClass' not found"],
    ["MediaElement", "Factory 'MediaElement' not found"],
    ["chroma.WebRtcEndpoint", "Factory 'chroma.WebRtcEndpoint' not found"],
    ["Composite", "Media Object not available: Composite is described but not built yet"],
  ])("%s cannot be made", async (type, message) => {
    const error = { code: 40108, data: { type: "MEDIA_OBJECT_NOT_AVAILABLE" }, message };
    expect(await client.refusal("create", { type, constructorParams: {} })).toEqual(error);
  });

  test("constructor parameters are checked", async () => {
    const pipeline = await client.create("MediaPipeline");
    expect(await client.refusal("create", { type: "MediaPipeline", constructorParams: 5 })).toMatchObject({
      code: 40001,
      message: "'constructorParams' should be an object",
    });
    const refusal = async (constructorParams: unknown) => {
      const { code, message } = await client.refusal("create", { type: "WebRtcEndpoint", constructorParams });
      return [code, message];
    };
    expect(await refusal(undefined)).toEqual([40001, "'constructorParams' is required"]);
    expect(await refusal([])).toEqual([40001, "'constructorParams' should be an object"]);
    expect(await refusal({})).toEqual([40001, "'mediaPipeline' parameter should be a string"]);
    expect(await refusal({ mediaPipeline: "x" })).toEqual([40101, "Object 'x' not found"]);
    expect(await refusal({ mediaPipeline: "newref:0" })).toEqual([
      40109,
      "Object 'newref:0' not found. Possibly using a transactional object without committing the transaction.",
    ]);
    expect(await refusal({ mediaPipeline: pipeline, recvonly: "yes" })).toEqual([
      40001,
      "'recvonly' parameter should be a boolean",
    ]);
    const passThrough = await client.create("PassThrough", { mediaPipeline: pipeline });
    expect((await refusal({ mediaPipeline: passThrough }))[0]).toBe(40107);
  });

  test("a new endpoint has Kurento's default where it differs from the house's", async () => {
    const pipeline = await client.create("MediaPipeline");
    const endpoint = await client.create("WebRtcEndpoint", { mediaPipeline: pipeline });
    expect(await client.invoke(endpoint, "getMinVideoSendBandwidth")).toBe(100);
    expect(await client.invoke(endpoint, "getMaxVideoSendBandwidth")).toBe(500);
  });
});

describe("invoke", () => {
  test("reads and sets properties by getters and setters", async () => {
    const pipeline = await client.create("MediaPipeline");
    expect(await client.invoke(pipeline, "getId")).toBe(pipeline);
    expect(await client.invoke(pipeline, "getName")).toBe(pipeline);
    expect(await client.invoke(pipeline, "setName", { name: "studio" })).toBeNull();
    expect(await client.invoke(pipeline, "getName")).toBe("studio");
    await client.invoke(pipeline, "setName", { name: "" });
    expect(await client.invoke(pipeline, "getName")).toBe(pipeline);
    expect(await client.invoke(pipeline, "getMediaPipeline")).toBe(pipeline);
    expect(await client.invoke(pipeline, "getParent")).toBeNull();
    expect(await client.invoke(pipeline, "getChilds")).toEqual([]);
    expect(await client.invoke(pipeline, "getCreationTime")).toBe(
      Math.floor(open.house.clock.now() / 1000),
    );
  });

  test.each([
    ["fly", {}, "Method 'fly' with 0 parameters not found"],
    ["fly", { a: 1, b: 2 }, "Method 'fly' with 2 parameters not found"],
    ["setId", { id: "x" }, "Method 'setId' with 1 parameters not found"],
    ["getName", { a: 1 }, "Method 'getName' with 1 parameters not found"],
    ["setName", { nom: "x" }, "Method 'setName' with 1 parameters not found"],
    ["constructor", {}, "Method 'constructor' with 0 parameters not found"],
  ])("%s %j is no operation", async (operation, operationParams, message) => {
    const object = await client.create("MediaPipeline");
    expect(await client.refusal("invoke", { object, operation, operationParams })).toEqual({
      code: 40008,
      data: { type: "MALFORMED_TRANSACTION" },
      message,
    });
  });

  test("operations with objects, tags and complex values", async () => {
    const pipeline = await client.create("MediaPipeline");
    const source = await client.create("PassThrough", { mediaPipeline: pipeline });
    const sink = await client.create("PassThrough", { mediaPipeline: pipeline });
    expect(await client.invoke(source, "connect", { sink, mediaType: "VIDEO" })).toBeNull();
    expect(await client.invoke(sink, "getSourceConnections")).toEqual([{
      __module__: "kurento",
      __type__: "ElementConnectionData",
      source,
      sink,
      type: "VIDEO",
      sourceDescription: "default",
      sinkDescription: "default",
    }]);
    await client.invoke(sink, "addTag", { key: "b", value: 5 });
    await client.invoke(sink, "addTag", { key: "a", value: true });
    expect(await client.invoke(sink, "getTags")).toEqual([
      { __module__: "kurento", __type__: "Tag", key: "a", value: "true" },
      { __module__: "kurento", __type__: "Tag", key: "b", value: "5" },
    ]);
    expect(
      await client.refusal("invoke", { object: sink, operation: "getTag", operationParams: { key: "c" } }),
    )
      .toEqual({
        code: 40110,
        data: { type: "MEDIA_OBJECT_TAG_KEY_NOT_FOUND" },
        message: "Tag key not found",
      });
    expect(await client.invoke(sink, "getStats")).toBeNull();
  });

  test.each([
    ["connect", undefined, 40001, "'operationParams' is required"],
    ["connect", [], 40001, "'operationParams' should be an object"],
    ["connect", { sink: [] }, 40001, "'sink' parameter should be a string"],
    ["connect", { sink: "nowhere" }, 40101, "Object 'nowhere' not found"],
    ["connect", { sink: "pipeline" }, 40107, /should be a MediaElement/],
    ["connect", { sink: "elsewhere" }, 40004, "Media elements do not share pipeline"],
    ["connect", { sink: "other", mediaType: "SMELL" }, 40001, "Invalid value for 'MediaType'"],
    ["setAudioFormat", { caps: 5 }, 40001, "'caps' parameter should be a object"],
    [
      "setAudioFormat",
      { caps: { codec: "OPUS", bitrate: "x" } },
      40001,
      "'bitrate' property should be a integer",
    ],
    [
      "setAudioFormat",
      { caps: { __module__: "kurento", __type__: "Tag" } },
      40003,
      "Type Tag is not compatible",
    ],
    [
      "setAudioFormat",
      { caps: { __module__: "chroma", __type__: "Tag" } },
      40003,
      "Type Tag does not exist in module chroma",
    ],
  ])("%s with %j is refused", async (operation, operationParams, code, message) => {
    const objects: Record<string, string> = { pipeline: await client.create("MediaPipeline") };
    objects.other = await client.create("PassThrough", { mediaPipeline: objects.pipeline });
    const object = await client.create("PassThrough", { mediaPipeline: objects.pipeline });
    const second = await client.create("MediaPipeline");
    objects.elsewhere = await client.create("PassThrough", { mediaPipeline: second });
    const sink = (operationParams as { sink?: string } | undefined)?.sink;
    const params = typeof sink === "string"
      ? { ...operationParams, sink: objects[sink] ?? sink }
      : operationParams;
    const error = await client.refusal("invoke", { object, operation, operationParams: params });
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test("negotiation in the wrong order has Kurento's numbers", async () => {
    const pipeline = await client.create("MediaPipeline");
    const object = await client.create("WebRtcEndpoint", { mediaPipeline: pipeline });
    const refusal = async (operation: string, operationParams = {}) => {
      const { code, data, message } = await client.refusal("invoke", { object, operation, operationParams });
      return [code, data.type, message];
    };
    expect(await refusal("getLocalSessionDescriptor")).toEqual([
      40202,
      "SDP_END_POINT_NO_LOCAL_SDP_ERROR",
      "No local SDP",
    ]);
    expect(await refusal("getRemoteSessionDescriptor")).toEqual([
      40203,
      "SDP_END_POINT_NO_REMOTE_SDP_ERROR",
      "No remote SDP",
    ]);
    expect((await refusal("processOffer", { offer: "" }))[0]).toBe(40201);
    expect((await refusal("processOffer", { offer: "nonsense" }))[0]).toBe(40201);
    expect((await refusal("processAnswer", { answer: "v=0" }))[0]).toBeGreaterThanOrEqual(40201);
    expect(await client.invoke(object, "generateOffer")).toMatch(/^v=0/);
    expect((await refusal("generateOffer"))[0]).toBe(40208);
  });

  const hostCandidate = (port: number) => `candidate:1 1 UDP 2113937151 127.0.0.1 ${port} typ host`;
  test.each([
    [
      "addIceCandidate",
      { candidate: { candidate: hostCandidate(7), sdpMid: "0", sdpMLineIndex: -1 } },
      40401,
    ],
    [
      "addIceCandidate",
      { candidate: { candidate: hostCandidate(99999), sdpMid: "", sdpMLineIndex: 0 } },
      40401,
    ],
    [
      "addIceCandidate",
      { candidate: { candidate: hostCandidate(7), sdpMid: "0", sdpMLineIndex: "0" } },
      40001,
    ],
    ["addIceCandidate", { candidate: { sdpMid: "0", sdpMLineIndex: 0 } }, 40001],
    ["createDataChannel", { maxPacketLifeTime: 5, maxRetransmits: 5 }, 40107],
    ["createDataChannel", { maxRetransmits: 5 }, 40003],
    ["closeDataChannel", { channelId: 1 }, 40003],
    ["requestKeyframe", {}, 40111],
  ])("a new endpoint refuses %s %j with %d", async (operation, operationParams, code) => {
    const mediaPipeline = await client.create("MediaPipeline");
    const object = await client.create("WebRtcEndpoint", { mediaPipeline, useDataChannels: true });
    expect((await client.refusal("invoke", { object, operation, operationParams })).code).toBe(code);
  });
});

test("a result that is no JSON is an error of the request that asked, and of no other", async () => {
  const Odd = defineElement({
    type: "Odd",
    module: "test",
    extends: MediaElement,
    summary: "Gives what cannot be written",
    operations: { count: operation("Counts", { output: z.any() }) },
    create: () => ({ operations: { count: () => gives({ total: 1n }) } }),
  });
  vi.spyOn(console, "error").mockImplementation(() => {});
  const withOdd = await openDoor({ definitions: [Odd] });
  const caller = withOdd.client();
  const object = await caller.create("Odd", { mediaPipeline: await caller.create("MediaPipeline") });
  const reply = await caller.request("invoke", { object, operation: "count" });
  expect(reply).toMatchObject({ id: expect.any(Number), error: { code: 40003 } });
  expect((await caller.call("describe", { object })).type).toBe("Odd");
  await withOdd.close();
});

test("the figures of an object's own latency stand by its id", async () => {
  const mediaPipeline = await client.create("MediaPipeline");
  const object = await client.create("PassThrough", { mediaPipeline });
  expect(await client.invoke(object, "getStats")).toBeNull();
  await client.invoke(mediaPipeline, "setLatencyStats", { latencyStats: true });
  expect(await client.invoke(object, "getStats")).toEqual({
    [object]: {
      __module__: "kurento",
      __type__: "ElementStats",
      id: object,
      type: "element",
      inputLatency: [],
      timestampMillis: expect.any(Number),
    },
  });
});

describe("release", () => {
  test("an object ends with what is in it, and a second time is no error", async () => {
    const pipeline = await client.create("MediaPipeline");
    const endpoint = await client.create("WebRtcEndpoint", { mediaPipeline: pipeline });
    await client.call("release", { object: pipeline });
    for (const object of [pipeline, endpoint]) {
      expect((await client.refusal("describe", { object })).code).toBe(40101);
    }
    await client.call("release", { object: pipeline });
    await client.call("release", { object: "nothing at all" });
    await client.call("release", { object: "manager_ServerManager" });
    await client.call("describe", { object: "manager_ServerManager" });
  });

  test("an id of the wrong class or the wrong parent names nothing, a bare uuid does", async () => {
    const pipeline = await client.create("MediaPipeline");
    const other = await client.create("MediaPipeline");
    const element = await client.create("PassThrough", { mediaPipeline: pipeline });
    const tail = element.slice(element.indexOf("/"));
    for (const object of [element.replace("PassThrough", "HubPort"), other + tail, tail]) {
      expect((await client.refusal("describe", { object })).code).toBe(40101);
    }
    expect((await client.call("describe", { object: tail.slice(1, 37) })).type).toBe("PassThrough");
  });
});
