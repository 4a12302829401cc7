import { AppError, type FieldError, newId, pointerOf, toAppError } from "../base/mod.ts";
import { allOf, type Definition, type Element, type Registry, type Values } from "../graph/mod.ts";
import { checked } from "./check.ts";
import { mergedTags } from "./edit.ts";
import { Faults } from "./faults.ts";
import { refuseConversion } from "./formats.ts";
import type { NewElement } from "./types.ts";

/** The element that `input` asks for, with everything checked against its type. `at` points to it in the body. */
export function newElement(
  registry: Registry,
  input: NewElement,
  place: { pipelineId: string; nowMs: number; at: string; sessionId?: string; parentId?: string },
): Element {
  const definition = creatable(registry, input.type, `${place.at}/type`);
  const id = newId();
  const task = `create a ${input.type}`;
  const faults = new Faults();
  const { options = {}, properties = {} } = input;
  const given = {
    options: faults.attempt(() => checked(definition.options, options, `${place.at}/options`, task)),
    properties: faults.attempt(() =>
      checkedProperties(definition, properties, `${place.at}/properties`, task)
    ),
  };
  faults.throwAny(task);
  return {
    id,
    pipelineId: place.pipelineId,
    type: definition.type,
    name: input.name ?? id,
    options: given.options ?? {},
    properties: given.properties ?? {},
    tags: mergedTags({}, input.tags) ?? {},
    parentId: place.parentId ?? null,
    kept: {},
    sessionId: place.sessionId ?? null,
    createdAtMs: place.nowMs,
    version: 1,
  };
}

/** The settable properties in `values`, checked. A property that the type has not or that cannot be set is refused. */
export function checkedProperties(
  definition: Pick<Definition, "type"> & Definition,
  values: Record<string, unknown>,
  at: string,
  task: string,
): Values {
  const known = allOf(definition, "properties");
  const result: Record<string, unknown> = {};
  const faults = new Faults();
  for (const [name, value] of Object.entries(values)) {
    const pointer = at + pointerOf([name]);
    faults.attempt(() => {
      const spec = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!spec) throw refusal("property_not_found", task, pointer, `${definition.type} has no "${name}"`);
      if (spec.field) {
        throw refusal("property_read_only", task, pointer, `"${name}" is no member of properties`);
      }
      if (spec.access !== "readWrite") {
        throw refusal("property_read_only", task, pointer, `"${name}" is set by the server only`);
      }
      result[name] = checked(spec.schema, value, pointer, task);
    });
  }
  faults.throwAny(task);
  refuseConversion(definition, result);
  return result;
}

/** The definition of `type`; refusals point to the field that names it. */
function creatable(registry: Registry, type: string, pointer: string): Definition {
  try {
    return registry.creatable(type);
  } catch (error) {
    const { code, message } = toAppError(error);
    throw new AppError(code, message, { fields: [{ pointer, detail: message }] });
  }
}

function refusal(
  code: "property_not_found" | "property_read_only",
  task: string,
  pointer: string,
  detail: string,
): AppError {
  const fields: FieldError[] = [{ pointer, detail }];
  return new AppError(code, `Cannot ${task}: ${detail}`, { fields });
}
