import { expect, test } from "vitest";
import { Sessions } from "./sessions.ts";

const line = ["endpoint", "pipeline"];

function twoHolders() {
  const sessions = new Sessions();
  sessions.add("pipeline", null);
  sessions.hold("a", ["pipeline"]);
  sessions.hold("b", ["pipeline"]);
  sessions.add("endpoint", "pipeline");
  return sessions;
}

test("a session has a record once it has touched an object", () => {
  const sessions = new Sessions();
  expect(sessions.use("a")).toBe(false);
  sessions.hold("a", line);
  expect(sessions.use("a")).toBe(true);
  expect(sessions.ids()).toEqual(["a"]);
});

test("who holds the parent holds a new child, and it dies with the last of them", () => {
  const sessions = twoHolders();
  expect(sessions.end("a")).toEqual([]);
  expect(sessions.end("b").sort()).toEqual(line);
});

test("what others made is held and never dies of being let go", () => {
  const sessions = new Sessions();
  sessions.hold("a", ["elsewhere"]);
  expect(sessions.letGo("a", "elsewhere")).toEqual([]);
  sessions.hold("a", ["elsewhere"]);
  expect(sessions.end("a")).toEqual([]);
});

test("letting go of what one does not hold does nothing", () => {
  const sessions = twoHolders();
  expect(sessions.letGo("c", "endpoint")).toEqual([]);
  expect(sessions.letGo("a", "endpoint")).toEqual([]);
  expect(sessions.letGo("a", "endpoint")).toEqual([]);
  expect(sessions.letGo("b", "endpoint")).toEqual(["endpoint"]);
});

test("the collector finds those that were not used since its last pass", () => {
  const sessions = twoHolders();
  expect(sessions.collect()).toEqual([]);
  sessions.use("b");
  expect(sessions.collect()).toEqual(["a"]);
  expect(sessions.collect()).toEqual(["a", "b"]);
});

test("what is gone is in nobody's books", () => {
  const sessions = twoHolders();
  sessions.forget("endpoint");
  expect(sessions.madeAndHeld("a")).toEqual(["pipeline"]);
  expect(sessions.end("a")).toEqual([]);
  expect(sessions.end("b")).toEqual(["pipeline"]);
});
