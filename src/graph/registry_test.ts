import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Definition, Registry } from "./mod.ts";

function define(type: string, fields: Partial<Definition> = {}): Definition {
  return {
    type,
    module: "core",
    extends: null,
    summary: type,
    abstract: false,
    options: z.object({}),
    properties: {},
    operations: {},
    events: {},
    pads: {},
    create: () => {},
    ...fields,
  };
}

const operation = { summary: "does", input: z.object({}), output: z.null() };
const element = define("MediaElement", { abstract: true, create: null });
const pass = define("PassThrough", { extends: element });

describe("register", () => {
  test("adds what a definition extends before it, and each only once", () => {
    const registry = new Registry();
    registry.register(pass, "pass.ts");
    registry.register(define("Dispatcher", { extends: element }), "dispatcher.ts");
    registry.register(pass, "pass.ts");
    expect(registry.all().map((each) => each.type)).toEqual(["MediaElement", "PassThrough", "Dispatcher"]);
  });

  test("another definition of a known name names the type, the file and the module that has it", () => {
    const registry = new Registry();
    registry.register(pass, "pass.ts");
    const again = define("PassThrough", { module: "other" });
    expect(() => registry.register(again, "modules/other/mod.ts")).toThrow(
      'Cannot register element type "PassThrough" of modules/other/mod.ts: the name is taken by module "core"',
    );
    expect(registry.get("PassThrough")).toBe(pass);
  });

  test.each([
    ["a type name in lower case", define("passThrough"), /starts with a capital/],
    ["a type name with a path in it", define("Pass/../Through"), /letters and digits/],
    [
      "an operation with a space",
      define("Broken", { operations: { "do it": operation } }),
      /"do it" in operations/,
    ],
    [
      "an event that starts with a digit",
      define("Broken", { events: { "1st": z.object({}) } }),
      /"1st" in events/,
    ],
    [
      "an operation that hides a path",
      define("Broken", { operations: { whip: operation } }),
      /would hide a path/,
    ],
  ])("refuses %s", (_, definition, message) => {
    const registry = new Registry();
    expect(() => registry.register(definition, "broken.ts")).toThrow(message);
    expect(registry.all()).toEqual([]);
  });
});

describe("looking up", () => {
  const registry = new Registry();
  registry.register(pass, "pass.ts");

  test("an unknown type is an error that lists the types that can be created", () => {
    expect(() => registry.get("Nothing")).toThrow(
      'Cannot find element type "Nothing": this server knows PassThrough',
    );
    expect(registry.find("Nothing")).toBeUndefined();
  });

  test("names that every object has are unknown types too", () => {
    for (const name of ["constructor", "__proto__", "toString"]) expect(registry.find(name)).toBeUndefined();
  });

  test("an abstract type is found but cannot be created", () => {
    expect(registry.get("MediaElement")).toBe(element);
    expect(() => registry.creatable("MediaElement")).toThrow(
      expect.objectContaining({ code: "element_type_abstract" }),
    );
    expect(registry.creatable("PassThrough")).toBe(pass);
    expect(registry.allCreatable()).toEqual([pass]);
  });

  test.each([
    [
      "a type that is not built yet",
      "Mixer",
      element,
      false,
      "element_type_planned",
      /described but not built/,
    ],
    ["a pipeline", "MediaPipeline", null, false, "object_kind_mismatch", /POST \/v1\/pipelines/],
    ["the server", "ServerManager", null, true, "element_type_abstract", /there is only one/],
  ])("%s is listed but cannot be created", (_what, type, parent, abstract, code, message) => {
    const some = new Registry();
    some.register(define(type, { extends: parent, abstract, create: null }), "the test");
    expect(() => some.creatable(type)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(some.allCreatable()).toEqual([]);
    expect(some.get(type).type).toBe(type);
  });
});
