import type { House } from "../house.ts";
import { describeModule } from "../kmd/describe_module.ts";

/** The interface description of a module as JSON text; module_not_found for one that nobody has. */
export function getKmd(house: House, _object: unknown, { moduleName }: { moduleName: string }): string {
  return JSON.stringify(describeModule(house.registry, moduleName));
}
