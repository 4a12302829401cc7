import { expect, test } from "vitest";
import { requirePorts } from "./hub_ports.ts";

const ctx = { ports: () => ["a", "b"] };

test("ports of the hub may be named, one twice too", () => {
  expect(() => requirePorts(ctx, "a", "a", "b")).not.toThrow();
});

test("what is no port of the hub is refused by its id", () => {
  expect(() => requirePorts(ctx, "a", "x")).toThrow(
    expect.objectContaining({
      code: "hub_route_refused",
      message: expect.stringContaining('"x" is no port of this hub, which has 2'),
    }),
  );
});
