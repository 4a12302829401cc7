import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeFrames } from "../../test/kit/fake_frames.ts";
import { AppError } from "../base/mod.ts";
import { openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";

let frames: FakeFrames;
let house: TestHouse;
let id: string;
beforeEach(async () => {
  frames = new FakeFrames();
  house = await openHouse({ frames });
  const { elements } = await house.commands.createPipeline({ elements: [{ type: "HttpPostEndpoint" }] });
  id = elements[0].id;
});
afterEach(() => house.close());

const stream = () => new ReadableStream<Uint8Array>();
const typesOf = (house: TestHouse) =>
  house.events().map(({ type }) => type).filter((type) => /Session|End/.test(type));

test("a body goes to a program by the room's own URL, and its client is answered when it is read", async () => {
  const body = stream();
  const posted = house.commands.postBody(id, body);
  await house.quiet();
  expect(frames.bodies.map((each) => each.body)).toEqual([body]);
  expect(frames.programs[0].spec).toEqual({
    kind: "receive",
    url: "http://127.0.0.1/1",
    useEncodedMedia: false,
  });
  frames.programs[0].handlers.event({
    type: "opened",
    isSeekable: false,
    seekableInitMs: 0,
    seekableEndMs: 0,
    durationMs: 0,
  });
  frames.bodies[0].ended("whole");
  await posted;
  frames.programs[0].handlers.event({ type: "endOfStream" });
  await house.quiet();
  expect([frames.programs[0].closed, frames.bodies[0].closed]).toEqual([true, true]);
  expect(typesOf(house)).toEqual(["MediaSessionStarted", "EndOfStream"]);
  house.clock.advance(2000);
  await house.quiet();
  expect(typesOf(house)).toEqual(["MediaSessionStarted", "EndOfStream", "MediaSessionTerminated"]);
});

test("the time-out of an endpoint that is released ends nothing", async () => {
  house.commands.postBody(id, stream()).catch(() => {});
  await house.quiet();
  frames.programs[0].handlers.event({ type: "endOfStream" });
  await house.quiet();
  await house.commands.releaseElement(id);
  house.clock.advance(10_000);
  await house.quiet();
  expect(typesOf(house)).toEqual(["MediaSessionStarted", "EndOfStream"]);
});

test("what takes no bodies is not found, nor is what is not there", async () => {
  const { elements } = await house.commands.createPipeline({ elements: [{ type: "PassThrough" }] });
  for (const other of [elements[0].id, elements[0].pipelineId, "nobody"]) {
    expect((await refusalOf(house.commands.postBody(other, stream()))).code).toBe("element_not_found");
  }
});

test("a room that has no place refuses the body, which is let go", async () => {
  frames.refuseToOpen = new AppError("limit_reached", "Cannot open a program: a reason");
  expect((await refusalOf(house.commands.postBody(id, stream()))).code).toBe("limit_reached");
  expect(frames.bodies[0].closed).toBe(true);
  expect(typesOf(house)).toEqual([]);
});
