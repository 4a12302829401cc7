import { afterAll, beforeAll, expect, test } from "vitest";
import { type Step, type Trace, traceOf } from "../kit/parity.ts";
import { sdpOffer } from "../kit/sdp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";

const pipeline: Step = { make: "pipeline", type: "MediaPipeline" };
const element = (make: string, type: string, options?: Record<string, unknown>): Step => ({
  make,
  type,
  options,
  in: "pipeline",
});
const offer = sdpOffer({
  sections: [{ kind: "audio", direction: "sendrecv" }, { kind: "video", direction: "sendrecv" }],
});

const flows: Record<string, Step[]> = {
  "naming and tagging": [
    pipeline,
    element("one", "PassThrough"),
    { set: "name", of: "one", to: "front" },
    { get: "name", of: "one" },
    { set: "sendTagsInEvents", of: "one", to: true },
    { get: "sendTagsInEvents", of: "one" },
    { call: "addTag", of: "one", input: { key: "b", value: "2" } },
    { call: "addTag", of: "one", input: { key: "a", value: "1" } },
    { call: "getTags", of: "one" },
    { call: "getTag", of: "one", input: { key: "b" } },
    { call: "removeTag", of: "one", input: { key: "b" } },
    { call: "removeTag", of: "one", input: { key: "unknown" } },
    { call: "getTags", of: "one" },
    { call: "addTag", of: "pipeline", input: { key: "show", value: "news" } },
    { call: "getTags", of: "pipeline" },
  ],
  "naming and tagging the server": [
    { get: "name", of: "server" },
    { set: "name", of: "server", to: "north" },
    { get: "name", of: "server" },
    { set: "sendTagsInEvents", of: "server", to: true },
    { get: "sendTagsInEvents", of: "server" },
    { call: "addTag", of: "server", input: { key: "rack", value: "5" } },
    { call: "addTag", of: "server", input: { key: "row", value: "2" } },
    { call: "removeTag", of: "server", input: { key: "row" } },
    { call: "getTags", of: "server" },
    { call: "getTag", of: "server", input: { key: "rack" } },
    { call: "getCpuCount", of: "server" },
    { call: "getKmd", of: "server", input: { moduleName: "core" } },
  ],
  "connecting, replacing and disconnecting": [
    pipeline,
    element("first", "WebRtcEndpoint"),
    element("second", "PassThrough"),
    element("sink", "WebRtcEndpoint"),
    { call: "connect", of: "first", input: { sink: "@sink" } },
    { call: "getSourceConnections", of: "sink" },
    { call: "connect", of: "second", input: { sink: "@sink", mediaType: "VIDEO" } },
    { call: "getSourceConnections", of: "sink", input: { mediaType: "VIDEO" } },
    { call: "getSinkConnections", of: "first" },
    { call: "connect", of: "first", input: { sink: "@first" } },
    { call: "disconnect", of: "first", input: { sink: "@first", mediaType: "AUDIO" } },
    { call: "disconnect", of: "second", input: { sink: "@first" } },
    { call: "isMediaFlowingIn", of: "sink", input: { mediaType: "VIDEO" } },
    { call: "isMediaFlowingOut", of: "first", input: { mediaType: "AUDIO" } },
    { call: "isMediaTranscoding", of: "sink", input: { mediaType: "VIDEO" } },
    { release: "second" },
    { call: "getSourceConnections", of: "sink" },
    { call: "getStats", of: "sink" },
  ],
  "hubs and their ports": [
    pipeline,
    element("hub", "DispatcherOneToMany"),
    element("speaker", "HubPort", { hub: "@hub" }),
    element("listener", "HubPort", { hub: "@hub" }),
    element("other", "Dispatcher"),
    element("stranger", "HubPort", { hub: "@other" }),
    { call: "setSource", of: "hub", input: { source: "@speaker" } },
    { call: "removeSource", of: "hub" },
    { call: "connect", of: "other", input: { source: "@stranger", sink: "@stranger" } },
    { release: "listener" },
    { release: "hub" },
  ],
  "figures and drawings": [
    pipeline,
    element("tap", "PassThrough"),
    { call: "getStats", of: "tap" },
    { set: "latencyStats", of: "pipeline", to: true },
    { get: "latencyStats", of: "pipeline" },
    { set: "encoderBitrate", of: "tap", to: 1 },
    { get: "encoderBitrate", of: "tap" },
    { call: "getGstreamerDot", of: "tap", input: { details: "SHOW_STATES" } },
    { call: "connect", of: "tap", input: { sink: "@tap" } },
    { call: "isMediaFlowingOut", of: "tap", input: { mediaType: "VIDEO", sourceMediaDescription: "left" } },
  ],
  "negotiating": [
    pipeline,
    element("endpoint", "WebRtcEndpoint", { recvonly: true }),
    { call: "gatherCandidates", of: "endpoint" },
    { set: "maxVideoRecvBandwidth", of: "endpoint", to: 300 },
    { get: "maxVideoRecvBandwidth", of: "endpoint" },
    { get: "mediaState", of: "endpoint" },
    { get: "IceConnectionState", of: "endpoint" },
    { call: "processOffer", of: "endpoint", input: { offer } },
    { get: "connectionState", of: "endpoint" },
    { release: "pipeline" },
  ],
};

/** What the two doors do not have in common, on purpose. */
function shared({ results, rows, events }: Trace): Trace {
  const text = (value: unknown) =>
    JSON.stringify(value)
      // Kurento's clients expect its 500 kbit/s, and know no event for messages.
      .replaceAll(/"(min|max)VideoSendBandwidth":(0|100|500),?/g, "").replaceAll(
        /"dataChannelMessageEvents":(true|false),?/g,
        "",
      )
      // An empty map is null on Kurento's wire.
      .replaceAll('{"result":{}}', '{"result":null}')
      // Credentials, certificates and numbers that every endpoint draws anew.
      .replaceAll(/a=(ice-ufrag|ice-pwd|fingerprint|candidate|ssrc|msid)[^\\]*/g, "a=$1").replaceAll(
        /o=-[^\\]*|(?<=m=(?:audio|video) )\d+/g,
        "o=",
      );
  return {
    results: JSON.parse(text(results)),
    rows: JSON.parse(text(rows)),
    events: JSON.parse(text(events)),
  };
}

let servers: TestServer[];
beforeAll(async () => void (servers = await Promise.all([startServer(), startServer()])));
afterAll(async () => void await Promise.all(servers.map((server) => server.stop())));

test.each(Object.keys(flows))("%s leaves the same results, rows and events by both doors", async (name) => {
  const byRest = shared(await traceOf(servers[0], "rest", flows[name]));
  const byRpc = shared(await traceOf(servers[1], "rpc", flows[name]));
  expect(byRest.results.filter((each) => (each as { refused?: string }).refused)).toEqual([]);
  expect(byRpc).toEqual(byRest);
  expect(byRest.events.length).toBeGreaterThan(2);
});

/** A refusal has a code of the house at REST and Kurento's number at its door; each pair stands here once. */
const refusals: { what: string; steps: Step[]; rest: string; rpc: string }[] = [
  {
    what: "a tag that is not there",
    steps: [pipeline, { call: "getTag", of: "pipeline", input: { key: "x" } }],
    rest: "tag_not_found",
    rpc: "40110",
  },
  {
    what: "a kind that has no flow",
    steps: [pipeline, element("one", "PassThrough"), {
      call: "isMediaFlowingIn",
      of: "one",
      input: { mediaType: "DATA" },
    }],
    rest: "value_unacceptable",
    rpc: "40107",
  },
  {
    what: "a pad that is not there",
    steps: [pipeline, element("one", "PassThrough"), element("two", "PassThrough"), {
      call: "connect",
      of: "one",
      input: { sink: "@two", mediaType: "VIDEO", sourceMediaDescription: "other" },
    }],
    rest: "pad_not_found",
    rpc: "40004",
  },
  {
    what: "an object of another class",
    steps: [pipeline, element("one", "PassThrough"), {
      call: "connect",
      of: "one",
      input: { sink: "@pipeline" },
    }],
    rest: "object_kind_mismatch",
    rpc: "40107",
  },
  {
    what: "a class that is not built",
    steps: [pipeline, element("one", "Composite")],
    rest: "element_type_planned",
    rpc: "40108",
  },
  {
    what: "a description before negotiation",
    steps: [pipeline, element("one", "WebRtcEndpoint"), { call: "getLocalSessionDescriptor", of: "one" }],
    rest: "endpoint_not_negotiated",
    rpc: "40202",
  },
  {
    what: "a second offer",
    steps: [
      pipeline,
      element("one", "WebRtcEndpoint"),
      { call: "processOffer", of: "one", input: { offer } },
      { call: "processOffer", of: "one", input: { offer } },
    ],
    rest: "endpoint_negotiated",
    rpc: "40208",
  },
  {
    what: "an answer without an offer",
    steps: [pipeline, element("one", "WebRtcEndpoint"), {
      call: "processAnswer",
      of: "one",
      input: { answer: offer },
    }],
    rest: "offer_not_generated",
    rpc: "40209",
  },
  {
    what: "text that is no offer",
    steps: [pipeline, element("one", "WebRtcEndpoint"), {
      call: "processOffer",
      of: "one",
      input: { offer: "hello" },
    }],
    rest: "sdp_invalid",
    rpc: "40201",
  },
  {
    what: "data channels where there are none",
    steps: [pipeline, element("one", "WebRtcEndpoint"), { call: "createDataChannel", of: "one" }],
    rest: "operation_not_supported",
    rpc: "40111",
  },
  {
    what: "a data channel with two bounds",
    steps: [pipeline, element("one", "WebRtcEndpoint", { useDataChannels: true }), {
      call: "createDataChannel",
      of: "one",
      input: { maxPacketLifeTime: 100, maxRetransmits: 1 },
    }],
    rest: "body_invalid",
    rpc: "40107",
  },
  {
    what: "a keyframe where nothing is watched",
    steps: [pipeline, element("one", "WebRtcEndpoint"), { call: "requestKeyframe", of: "one" }],
    rest: "operation_not_supported",
    rpc: "40111",
  },
  {
    what: "an offer of nothing",
    steps: [pipeline, element("one", "WebRtcEndpoint"), {
      call: "generateOffer",
      of: "one",
      input: { options: { offerToReceiveAudio: false, offerToReceiveVideo: false } },
    }],
    rest: "sdp_unacceptable",
    rpc: "40204",
  },
  {
    what: "a candidate of an m-line before the first",
    steps: [pipeline, element("one", "WebRtcEndpoint"), {
      call: "addIceCandidate",
      of: "one",
      input: {
        candidate: { candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: "", sdpMLineIndex: -1 },
      },
    }],
    rest: "body_invalid",
    rpc: "40401",
  },
  {
    what: "a port of another hub",
    steps: [
      pipeline,
      element("hub", "Dispatcher"),
      element("other", "Dispatcher"),
      element("port", "HubPort", { hub: "@hub" }),
      element("stranger", "HubPort", { hub: "@other" }),
      { call: "connect", of: "hub", input: { source: "@port", sink: "@stranger" } },
    ],
    rest: "hub_route_refused",
    rpc: "40004",
  },
];

test.each(refusals)("$what is refused by both doors, each in its own words", async ({ steps, rest, rpc }) => {
  const [byRest, byRpc] = [
    shared(await traceOf(servers[0], "rest", steps)),
    shared(await traceOf(servers[1], "rpc", steps)),
  ];
  expect([byRest.results.at(-1), byRpc.results.at(-1)]).toEqual([{ refused: rest }, { refused: rpc }]);
  expect([byRpc.rows, byRpc.events]).toEqual([byRest.rows, byRest.events]);
});
