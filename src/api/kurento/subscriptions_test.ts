import { expect, test } from "vitest";
import { Subscriptions } from "./subscriptions.ts";

const wish = (id: string, sessionId = "s", objectId = "o", name = "Error") => ({
  id,
  sessionId,
  objectId,
  type: "Error",
  name,
  fields: {},
});

test("a session is told once, however often it subscribed, until all of that is taken back", () => {
  const subscriptions = new Subscriptions();
  subscriptions.add(wish("1"));
  subscriptions.add(wish("2"));
  expect(subscriptions.listeners("o", "Error")).toHaveLength(1);
  subscriptions.remove("s", "1");
  expect(subscriptions.listeners("o", "Error")).toHaveLength(1);
  subscriptions.remove("s", "2");
  expect(subscriptions.listeners("o", "Error")).toEqual([]);
  expect(subscriptions.watches("o")).toBe(false);
});

test("each session is told, and each name that one asked by", () => {
  const subscriptions = new Subscriptions();
  subscriptions.add(wish("1"));
  subscriptions.add(wish("2", "t"));
  subscriptions.add(wish("3", "t", "o", "OldError"));
  expect(subscriptions.listeners("o", "Error").map(({ sessionId, name }) => [sessionId, name])).toEqual([
    ["s", "Error"],
    ["t", "Error"],
    ["t", "OldError"],
  ]);
});

test("nobody ends the subscription of another session", () => {
  const subscriptions = new Subscriptions();
  subscriptions.add(wish("1"));
  subscriptions.remove("t", "1");
  subscriptions.remove("s", "no such");
  expect(subscriptions.listeners("o", "Error")).toHaveLength(1);
});

test("subscriptions end with their object and with their session", () => {
  const subscriptions = new Subscriptions();
  for (const [id, session, object] of [["1", "s", "o"], ["2", "t", "o"], ["3", "s", "p"], ["4", "t", "p"]]) {
    subscriptions.add(wish(id, session, object));
  }
  subscriptions.forgetObject("o");
  expect(subscriptions.watches("o")).toBe(false);
  subscriptions.forgetSession("s");
  expect(subscriptions.listeners("p", "Error").map(({ sessionId }) => sessionId)).toEqual(["t"]);
  expect(subscriptions.size).toBe(1);
});
