import { expect, test } from "vitest";
import { bareElement } from "../../../test/kit/fake_peer.ts";
import type { Action } from "../../module/mod.ts";
import DispatcherOneToMany from "./mod.ts";

/** A dispatcher with two ports, whose `keep` is kept. */
function aDispatcher() {
  const bare = bareElement(DispatcherOneToMany);
  bare.ports = ["a", "b"];
  const take = (actions: Action[] = []) => {
    for (const action of actions) if (action.do === "keep") bare.kept = action.values;
    return actions.map((action) => action.do);
  };
  const routes = () => bare.ports.map((port) => bare.instance.route!(port, "video"));
  return { bare, take, routes };
}

test("it routes nothing at first", () => {
  expect(aDispatcher().routes()).toEqual([null, null]);
});

test("every port gets the source's media, the source too, until there is no source", () => {
  const { bare, take, routes } = aDispatcher();
  expect(take(bare.run("setSource", { source: "a" }).actions)).toEqual(["keep", "reroute"]);
  expect(routes()).toEqual(["a", "a"]);
  expect(bare.instance.route!("b", "audio")).toBe("a");
  expect(bare.instance.route!("b", "data")).toBeNull();
  take(bare.run("setSource", { source: "b" }).actions);
  expect(routes()).toEqual(["b", "b"]);
  take(bare.run("removeSource").actions);
  expect(routes()).toEqual([null, null]);
});

test("a port of another hub cannot be the source", () => {
  const { bare, routes } = aDispatcher();
  expect(() => bare.run("setSource", { source: "x" })).toThrow(
    expect.objectContaining({ code: "hub_route_refused" }),
  );
  expect(routes()).toEqual([null, null]);
});

test("when the source is gone there is none; other ports may go unnoticed", () => {
  const { bare, take, routes } = aDispatcher();
  take(bare.run("setSource", { source: "a" }).actions);
  expect(take(bare.instance.onPortGone!("b"))).toEqual([]);
  expect(take(bare.instance.onPortGone!("a"))).toEqual(["keep", "reroute"]);
  expect(routes()).toEqual([null, null]);
});
