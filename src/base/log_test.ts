import { afterEach, beforeEach, expect, type MockInstance, test, vi } from "vitest";
import { createLog, setLogLevel } from "./mod.ts";

let written: MockInstance<(...data: unknown[]) => void>;

beforeEach(() => {
  written = vi.spyOn(console, "error").mockImplementation(() => {});
});

afterEach(() => {
  written.mockRestore();
  setLogLevel("info");
});

const lines = () => written.mock.calls.map(([line]) => String(line).replace(/^\S+Z /, ""));

test("a line has time, level, room, message and fields", () => {
  createLog("engine").info("pipeline restored", { pipeline: "p-1", elements: 3 });
  expect(written.mock.calls[0][0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z INFO engine: /);
  expect(lines()).toEqual(["INFO engine: pipeline restored pipeline=p-1 elements=3"]);
});

test("levels below the threshold are not written", () => {
  const log = createLog("plane");
  log.debug("no");
  setLogLevel("warn");
  log.info("no");
  log.warn("yes");
  log.error("yes");
  setLogLevel("debug");
  log.debug("yes");
  expect(lines()).toEqual(["WARN plane: yes", "ERROR plane: yes", "DEBUG plane: yes"]);
});

test("whatever a field holds, it is one line and its end can be told", () => {
  createLog("api").error("failed", {
    text: 'two\nlines and "quotes"',
    empty: "",
    none: undefined,
    nothing: null,
    list: [1, "a"],
    address: "[::1]:8888",
  });
  expect(lines()).toEqual([
    'ERROR api: failed text="two\\nlines and \\"quotes\\"" empty="" none=undefined nothing=null list=[1,"a"] ' +
    "address=[::1]:8888",
  ]);
});

test("an error is written with its stack on the same line", () => {
  createLog("api").error("failed", { error: new TypeError("broken") });
  expect(lines()[0]).toMatch(/error="TypeError: broken\\n {4}at /);
  expect(lines()[0]).not.toContain("\n");
});

test("a field that cannot be written as JSON does not break the caller", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  createLog("api").error("failed", { circle, big: 10n });
  expect(lines()[0]).toMatch(/^ERROR api: failed circle="\[object Object\]" big="10"$/);
});
