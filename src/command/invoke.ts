import { AppError } from "../base/mod.ts";
import { allOf, type OperationSpec } from "../graph/mod.ts";
import { checked } from "./check.ts";
import type { House } from "./house.ts";
import { findObject, type FoundElement, type FoundObject } from "./object/found.ts";
import { houseOperation } from "./object/operations.ts";

/** Runs an operation of an object and gives its result: the element's own handler, else the house's. */
export async function invoke(
  house: House,
  objectId: string,
  operation: string,
  input: unknown,
): Promise<unknown> {
  const object = findObject(house, objectId);
  const spec = specOf(object, operation);
  const body = checked(spec.input, input ?? {}, "", `invoke ${operation}`) as never;
  if (object.place === "element" && ownHandler(object, operation)) {
    return await invokeOwn(house, object, operation, body);
  }
  const run = houseOperation(object.place, operation);
  if (run) return await run(house, object as never, body);
  throw new AppError(
    "not_built",
    `Cannot invoke "${operation}" of "${objectId}": it is described and not built yet`,
  );
}

async function invokeOwn(house: House, object: FoundElement, operation: string, body: never) {
  const outcome = await house.engine.inTurn(object.pipeline, async (turn) => {
    // The element may have gone while this waited for its turn.
    const handler = turn.live(object.id).instance.operations![operation];
    const outcome = await handler(body);
    // Its failure is told by whoever waits for it, and nobody does when the turn fails.
    outcome.completion?.catch(() => {});
    turn.perform(object.id, outcome.actions ?? []);
    return outcome;
  });
  return outcome.completion ? await outcome.completion : outcome.result;
}

function ownHandler({ pipeline, id }: FoundElement, operation: string) {
  const own = pipeline.live(id)?.instance.operations ?? {};
  return Object.hasOwn(own, operation) ? own[operation] : undefined;
}

function specOf({ definition }: FoundObject, operation: string): OperationSpec {
  const specs = allOf(definition, "operations");
  if (Object.hasOwn(specs, operation)) return specs[operation];
  const names = Object.keys(specs).join(", ") || "none";
  throw new AppError(
    "operation_not_found",
    `Cannot invoke "${operation}": ${definition.type} has no such operation, it has ${names}`,
  );
}
