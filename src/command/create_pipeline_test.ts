import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";
import type { NewPipeline } from "./types.ts";

let house: TestHouse;
beforeEach(async () =>
  void (house = await openHouse({ settings: { maxPipelines: 2, maxElementsPerPipeline: 3 } }))
);
afterEach(() => house.close());

const create = (input: NewPipeline) => house.commands.createPipeline(input);

async function refused(input: NewPipeline) {
  const error = await refusalOf(create(input));
  expect(house.store.load()).toEqual({ pipelines: [], elements: [], connections: [], sessions: [] });
  expect(house.events()).toEqual([]);
  expect(house.plane.counts.sources).toBe(0);
  return { code: error.code, pointers: error.fields.map(({ pointer }) => pointer) };
}

test("an empty pipeline is named by its id", async () => {
  const view = await create({});
  expect(view).toMatchObject({ name: view.id, origin: "client", elements: [], connections: [], version: 1 });
});

test("a whole graph is made in one commit, its connections by names", async () => {
  const view = await create({
    name: "studio",
    tags: { room: "7" },
    properties: { sendTagsInEvents: true },
    elements: [
      { type: "WebRtcEndpoint", name: "camera", options: { recvonly: true }, tags: { side: "left" } },
      { type: "PassThrough", name: "output" },
    ],
    connections: [{ source: "camera", sink: "output" }],
  });
  expect(view.elements.map(({ name, type, options }) => ({ name, type, options }))).toEqual([
    {
      name: "camera",
      type: "WebRtcEndpoint",
      options: {
        recvonly: true,
        sendonly: false,
        useDataChannels: false,
        certificateKeyType: "RSA",
        qosDscp: "NO_VALUE",
      },
    },
    { name: "output", type: "PassThrough", options: {} },
  ]);
  expect(view.connections.map(({ media, source }) => [media, source])).toEqual([
    ["audio", view.elements[0].id],
    ["video", view.elements[0].id],
    ["data", view.elements[0].id],
  ]);
  expect(house.events().map((event) => event.type)).toEqual([
    "ObjectCreated",
    "ObjectCreated",
    "ObjectCreated",
    "ElementConnected",
    "ElementConnected",
    "ElementConnected",
  ]);
  expect(house.events()[0].tags).toEqual([{ key: "room", value: "7" }]);
  expect(house.commands.getPipeline(view.id)).toEqual(view);
});

test("a name is taken once", async () => {
  await create({ name: "demo" });
  expect((await refusalOf(create({ name: "demo" }))).code).toBe("pipeline_name_taken");
  const [one, two] = await Promise.allSettled([create({ name: "race" }), create({ name: "race" })]);
  expect([one.status, two.status]).toEqual(["fulfilled", "rejected"]);
});

test.each(["", ".", "..", "a\nb", "\u0000", "\ud800", "x".repeat(257)])("%j is no name", async (name) => {
  expect(await refused({ name })).toEqual({ code: "body_invalid", pointers: ["/name"] });
});

test.each(["ümlaut/ ?#%", "<b>&\"'", "日本語 🎥", "a\\b", "__proto__"])("%j is a name", async (name) => {
  const view = await create({ name, elements: [{ type: "PassThrough", name }] });
  expect(house.commands.listPipelines({ limit: 1, name }).items).toMatchObject([{ id: view.id }]);
  expect(house.commands.drawPipeline(view.id, "svg")).toMatch(/^<svg/);
  expect(house.commands.drawPipeline(view.id, "dot")).toMatch(/^digraph/);
});

test("each refusal names the field, and nothing is left", async () => {
  const passThrough = { type: "PassThrough", name: "a" };
  const cases: [NewPipeline, string, string[]][] = [
    [{ properties: { loud: true } }, "body_invalid", ["/properties/loud"]],
    [{ elements: [{ type: "Nothing" }] }, "element_type_not_found", ["/elements/0/type"]],
    [{ elements: [{ type: "Endpoint" }] }, "element_type_abstract", ["/elements/0/type"]],
    [{ elements: [passThrough, { type: "PassThrough", options: { x: 1 } }] }, "body_invalid", [
      "/elements/1/options/x",
    ]],
    [
      { elements: [{ type: "WebRtcEndpoint", options: { recvonly: true, sendonly: true } }] },
      "body_invalid",
      ["/elements/0/options/sendonly"],
    ],
    [
      { elements: [{ type: "WebRtcEndpoint", properties: { maxVideoRecvBandwidth: -1 } }] },
      "body_invalid",
      ["/elements/0/properties/maxVideoRecvBandwidth"],
    ],
    [
      { elements: [{ type: "WebRtcEndpoint", properties: { mediaState: "CONNECTED" } }] },
      "property_read_only",
      ["/elements/0/properties/mediaState"],
    ],
    [
      { elements: [{ type: "WebRtcEndpoint", properties: { toString: 1 } }] },
      "property_not_found",
      ["/elements/0/properties/toString"],
    ],
    [{ elements: [passThrough, passThrough] }, "element_name_taken", []],
    [
      { elements: [passThrough], connections: [{ source: "a", sink: "b" }] },
      "element_not_found",
      ["/connections/0/sink"],
    ],
    [
      { elements: [passThrough], connections: [{ source: "a", sink: "a", sinkDescription: "left" }] },
      "pad_not_found",
      [],
    ],
    [{ elements: [1, 2, 3, 4].map(() => ({ type: "PassThrough" })) }, "limit_reached", []],
  ];
  for (const [input, code, pointers] of cases) expect(await refused(input)).toEqual({ code, pointers });
});

test("there is an end to pipelines", async () => {
  await create({});
  await create({});
  expect((await refusalOf(create({}))).code).toBe("limit_reached");
});
