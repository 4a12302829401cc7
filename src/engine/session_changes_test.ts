import { expect, test } from "vitest";
import { anElement, aSession } from "../../test/kit/graph.ts";
import { SessionChanges } from "./session_changes.ts";

const before = new Map([["s", aSession("s", "a")], ["t", aSession("t", "b")]]);

test("no change is no rows and the very same sessions", () => {
  const changes = new SessionChanges(before);
  expect([changes.rows(), changes.done()]).toEqual([null, before]);
});

test("what is put and removed is seen at once and makes rows; the sessions before stay as they are", () => {
  const changes = new SessionChanges(before);
  const added = aSession("u", "c");
  changes.put(added);
  changes.remove("s");
  expect([changes.get("u"), changes.get("s"), changes.get("t")]).toEqual([added, undefined, before.get("t")]);
  expect(changes.rows()).toEqual({ putSessions: [added], removeSessions: ["s"] });
  expect([[...changes.done().keys()], [...before.keys()]]).toEqual([["t", "u"], ["s", "t"]]);
});

test("a session that comes and goes in one turn makes no row", () => {
  const changes = new SessionChanges(before);
  changes.put(aSession("u", "c"));
  changes.remove("u");
  expect(changes.rows()).toBeNull();
});

test("an element's sessions are found: its own of which it was made, all that run on it otherwise", () => {
  const changes = new SessionChanges(before);
  changes.put(aSession("u", "a"));
  const ids = (element: ReturnType<typeof anElement>) => changes.of(element).map(({ id }) => id);
  expect(ids(anElement("a"))).toEqual(["s", "u"]);
  expect(ids(anElement("b", { sessionId: "t" }))).toEqual(["t"]);
  expect(ids(anElement("c", { sessionId: "gone" }))).toEqual([]);
});
