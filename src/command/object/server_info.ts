import type { House } from "../house.ts";
import { describeModules } from "../kmd/describe_module.ts";

/** What this server is and what it can make, in the words of Kurento's ServerInfo. */
export function serverInfo({ registry, settings }: Pick<House, "registry" | "settings">) {
  const modules = describeModules(registry);
  // Definitions are the source; what derives from them was made when the process started.
  const generationTime = new Date(settings.startedAtMs).toISOString();
  return {
    version: modules.find(({ name }) => name === "core")?.version ?? "",
    modules: modules.map(({ name, version, types }) => ({ version, name, generationTime, factories: types })),
    type: "KMS",
    capabilities: ["transactions"],
  };
}
