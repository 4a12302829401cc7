import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeFrames } from "../../../test/kit/fake_frames.ts";
import { openHouse, refusalOf, type TestHouse } from "../../../test/kit/house.ts";
import { Parrot, Puppet } from "../../../test/kit/odd_elements.ts";

let house: TestHouse;
let [endpoint, tap] = ["", ""];
beforeEach(async () => {
  house = await openHouse({ definitions: [Parrot, Puppet] });
  const { elements } = await house.commands.createPipeline({
    elements: [{ type: "Puppet" }, { type: "PassThrough" }],
  });
  [endpoint, tap] = elements.map(({ id }) => id);
});
afterEach(() => house.close());

const opus = { codec: "OPUS", bitrate: 0 };
const video = (codec: string) => ({ codec, framerate: { numerator: 30, denominator: 1 } });
const refused = (id: string, operation: string, caps: object) =>
  refusalOf(house.commands.invoke(id, operation, { caps }));

test("the format of an endpoint becomes a property of it, which its negotiation reads", async () => {
  expect(house.commands.getProperty(endpoint, "videoFormat")).toBeNull();
  expect(await house.commands.invoke(endpoint, "setVideoFormat", { caps: video("H264") })).toBeNull();
  await house.commands.invoke(endpoint, "setAudioFormat", { caps: opus });
  expect(house.commands.getElement(endpoint).properties).toMatchObject({
    videoFormat: video("H264"),
    audioFormat: opus,
  });
  expect(house.store.load().elements[0].properties).toEqual({
    videoFormat: video("H264"),
    audioFormat: opus,
  });
});

test("a format that media would have to be converted to is not built", async () => {
  house.plane.tell({ on: "sourceFormat", source: 2, codec: "VP8", format: "vp8" });
  house.plane.tell({ on: "sourceFlow", source: 2, flowing: true });
  await house.quiet();
  await house.commands.invoke(endpoint, "setVideoFormat", { caps: video("VP8") });
  const refusals = await Promise.all([
    refused(endpoint, "setVideoFormat", video("H264")),
    refused(endpoint, "setVideoFormat", video("RAW")),
    refused(endpoint, "setAudioFormat", { codec: "RAW", bitrate: 0 }),
    refused(tap, "setVideoFormat", video("VP8")),
  ]);
  expect(refusals.map(({ code }) => code)).toEqual(Array(4).fill("not_built"));
  expect(refusals.map(({ message }) => message)).toEqual([
    expect.stringContaining("VP8 flows there now"),
    expect.stringContaining("VP8, "),
    expect.stringContaining("OPUS, "),
    expect.stringContaining("a PassThrough negotiates nothing and this server runs without frame workers"),
  ]);
  expect(house.commands.getElement(endpoint).properties.videoFormat).toEqual(video("VP8"));
});

test("where media can be converted, what it passes through takes a format too, but raw media does not exist", async () => {
  const able = await openHouse({ frames: new FakeFrames() });
  const properties = { videoFormat: video("VP8") };
  const view = await able.commands.createPipeline({ elements: [{ type: "PassThrough", properties }] });
  const [{ id }] = view.elements;
  expect(able.commands.getProperty(id, "videoFormat")).toEqual(video("VP8"));
  await able.commands.invoke(id, "setAudioFormat", { caps: opus });
  expect(able.store.load().elements[0].properties).toEqual({ ...properties, audioFormat: opus });
  const raw = await refusalOf(able.commands.invoke(id, "setVideoFormat", { caps: video("RAW") }));
  expect([raw.code, raw.message]).toEqual(["not_built", expect.stringContaining("can leave an element")]);
  await able.close();
});

test("a codec that nobody knows is no value", async () => {
  expect((await refused(endpoint, "setVideoFormat", video("MJPEG"))).code).toBe("body_invalid");
});

test("the properties are refused like the operations, at an edit and at creation", async () => {
  const codeOf = async (work: Promise<unknown>) => (await refusalOf(work)).code;
  const raw = { videoFormat: video("RAW") };
  expect(await codeOf(house.commands.editElement(endpoint, { properties: raw }))).toBe("not_built");
  expect(await codeOf(house.commands.setProperty(tap, "videoFormat", video("VP8")))).toBe("not_built");
  const { pipelineId } = house.commands.getElement(tap);
  const create = (type: string, properties: object) =>
    house.commands.createElement(pipelineId, { type, properties: { ...properties } });
  expect(await codeOf(create("Puppet", raw))).toBe("not_built");
  expect(await codeOf(create("PassThrough", { videoFormat: video("VP8") }))).toBe("not_built");
  expect(await codeOf(create("Parrot", { videoFormat: video("VP8") }))).toBe("not_built");
  const refusal = await refusalOf(house.commands.createPipeline({
    elements: [{ type: "Puppet" }, { type: "PassThrough", properties: { audioFormat: opus } }],
  }));
  expect(refusal.fields).toMatchObject([{ pointer: "/elements/1/properties/audioFormat" }]);
  expect(house.commands.getPipeline(pipelineId).elements).toHaveLength(2);
  await house.commands.editElement(endpoint, { properties: { videoFormat: video("VP8") } });
  await house.commands.editElement(endpoint, { properties: { videoFormat: null } });
  expect(house.commands.getProperty(endpoint, "videoFormat")).toBeNull();
});
