import { expect, test } from "vitest";
import { z } from "zod";
import { allOf, type Definition, isKindOf, lineage, placeOf, typeStatus } from "./mod.ts";

function define(type: string, parent: Definition | null, fields: Partial<Definition> = {}): Definition {
  return {
    type,
    module: "core",
    extends: parent,
    summary: type,
    abstract: false,
    options: z.object({}),
    properties: {},
    operations: {},
    events: {},
    pads: {},
    create: () => {},
    ...fields,
  };
}

const property = (summary: string) => ({ summary, schema: z.string(), access: "readOnly" as const });
const media = define("MediaElement", null, { properties: { id: property("base"), name: property("base") } });
const endpoint = define("Endpoint", media, { pads: { audio: "endpoint", video: "endpoint" } });
const webrtc = define("WebRtcEndpoint", endpoint, {
  properties: { name: property("nearer") },
  pads: { audio: "through" },
});

test("lineage goes from the type to the most general one", () => {
  expect(lineage(webrtc).map((each) => each.type)).toEqual(["WebRtcEndpoint", "Endpoint", "MediaElement"]);
  expect(lineage(media)).toEqual([media]);
});

test("a type is of its own kind and of every kind it extends, but of no heir's", () => {
  expect(isKindOf(webrtc, "WebRtcEndpoint")).toBe(true);
  expect(isKindOf(webrtc, "MediaElement")).toBe(true);
  expect(isKindOf(media, "WebRtcEndpoint")).toBe(false);
});

test("a section holds what was inherited, and the nearer definition wins", () => {
  const properties = allOf(webrtc, "properties");
  expect(Object.keys(properties).sort()).toEqual(["id", "name"]);
  expect(properties.name.summary).toBe("nearer");
  expect(allOf(webrtc, "pads")).toEqual({ audio: "through", video: "endpoint" });
  expect(allOf(webrtc, "operations")).toEqual({});
});

test("asking for a section changes no definition", () => {
  allOf(webrtc, "properties");
  expect(media.properties.name.summary).toBe("base");
  expect(Object.keys(webrtc.properties)).toEqual(["name"]);
});

test("a type is abstract, planned or built; pipelines are built without create()", () => {
  expect(typeStatus(define("Hub", null, { abstract: true, create: null }))).toBe("abstract");
  expect(typeStatus(define("Mixer", media, { create: null }))).toBe("planned");
  expect(typeStatus(webrtc)).toBe("built");
  expect(typeStatus(define("MediaPipeline", null, { create: null }))).toBe("built");
});

test("a type stands where its ancestors stand", () => {
  const hub = define("Hub", define("MediaObject", null));
  expect(
    [webrtc, define("Mixer", hub), define("MediaPipeline", null), define("ServerManager", null), hub.extends!]
      .map(placeOf),
  ).toEqual(["element", "hub", "pipeline", "server", "none"]);
});
