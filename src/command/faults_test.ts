import { expect, test } from "vitest";
import { AppError } from "../base/mod.ts";
import { Faults } from "./faults.ts";

const fault = (pointer: string) => () => {
  throw new AppError("property_read_only", "Cannot set it", { fields: [{ pointer, detail: "Not yours" }] });
};

test("a single fault keeps its own code", () => {
  const faults = new Faults();
  expect(faults.attempt(() => 1)).toBe(1);
  expect(faults.attempt(fault("/a"))).toBeUndefined();
  expect(() => faults.throwAny("try")).toThrow(expect.objectContaining({ code: "property_read_only" }));
});

test("several faults become one refusal that names every field", () => {
  const faults = new Faults();
  for (const pointer of ["/a", "/b"]) faults.attempt(fault(pointer));
  expect(() => faults.throwAny("try")).toThrow(
    expect.objectContaining({
      code: "body_invalid",
      fields: [{ pointer: "/a", detail: "Not yours" }, { pointer: "/b", detail: "Not yours" }],
    }),
  );
});

test("an error that is about no field is not gathered", () => {
  const faults = new Faults();
  expect(() =>
    faults.attempt(() => {
      throw new AppError("limit_reached", "Cannot");
    })
  ).toThrow("Cannot");
  expect(() => faults.throwAny("try")).not.toThrow();
});
