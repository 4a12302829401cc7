import { expect, test } from "vitest";
import { bareElement } from "../../../test/kit/fake_peer.ts";
import type { Action } from "../../module/mod.ts";
import Dispatcher from "./mod.ts";

/** A dispatcher with three ports, whose `keep` is kept. */
function aDispatcher() {
  const bare = bareElement(Dispatcher);
  bare.ports = ["a", "b", "c"];
  const take = (actions: Action[] = []) => {
    for (const action of actions) if (action.do === "keep") bare.kept = action.values;
    return actions.map((action) => action.do);
  };
  const connect = (source: string, sink: string) => take(bare.run("connect", { source, sink }).actions);
  const routes = () => bare.ports.map((port) => bare.instance.route!(port, "video"));
  return { bare, take, connect, routes };
}

test("it has no pads and routes nothing at first", () => {
  const { routes } = aDispatcher();
  expect(Dispatcher.pads).toEqual({});
  expect(routes()).toEqual([null, null, null]);
});

test("a port feeds others and itself; another source takes the place of the one before", () => {
  const { connect, routes, bare } = aDispatcher();
  expect(connect("a", "b")).toEqual(["keep", "reroute"]);
  connect("a", "c");
  connect("a", "a");
  expect(routes()).toEqual(["a", "a", "a"]);
  connect("b", "c");
  expect(routes()).toEqual(["a", "a", "b"]);
  expect(bare.instance.route!("c", "audio")).toBe("b");
  expect(bare.instance.route!("c", "data")).toBeNull();
});

test("a port of another hub is refused, and changes nothing", () => {
  const { connect, routes } = aDispatcher();
  for (const [source, sink] of [["x", "a"], ["a", "x"]]) {
    expect(() => connect(source, sink)).toThrow(expect.objectContaining({ code: "hub_route_refused" }));
  }
  expect(routes()).toEqual([null, null, null]);
});

test("a port that is gone feeds nothing and is forgotten", () => {
  const { connect, routes, bare, take } = aDispatcher();
  connect("a", "b");
  connect("b", "c");
  expect(take(bare.instance.onPortGone!("a"))).toEqual(["keep", "reroute"]);
  expect(routes()).toEqual([null, null, "b"]);
  expect(take(bare.instance.onPortGone!("a"))).toEqual([]);
  take(bare.instance.onPortGone!("c"));
  expect(bare.kept).toEqual({ routes: {} });
});
