import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../../test/kit/house.ts";
import { Puppet } from "../../../test/kit/odd_elements.ts";

let house: TestHouse;
let [endpoint, tap] = ["", ""];
beforeEach(async () => {
  house = await openHouse({ definitions: [Puppet] });
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
    expect.stringContaining("a PassThrough negotiates nothing"),
  ]);
  expect(house.commands.getElement(endpoint).properties.videoFormat).toEqual(video("VP8"));
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
  const create = house.commands.createElement(pipelineId, { type: "Puppet", properties: raw });
  expect(await codeOf(create)).toBe("not_built");
  await house.commands.editElement(endpoint, { properties: { videoFormat: video("VP8") } });
  await house.commands.editElement(endpoint, { properties: { videoFormat: null } });
  expect(house.commands.getProperty(endpoint, "videoFormat")).toBeNull();
});
