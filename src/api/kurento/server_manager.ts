import type { Books } from "./books.ts";

/** Properties of the server object that only this door knows; the others are the command layer's. */
export const serverProperties: Readonly<Record<string, ((books: Books) => unknown) | undefined>> = {
  info: serverInfo,
  sessions: ({ sessions }) => sessions.ids(),
  metadata: ({ settings }) => settings.metadata,
};

/** Operations of the server object that are about the interface and not about the machine. */
export const serverOperations: Readonly<
  Record<string, ((books: Books, input: Record<string, unknown>) => unknown) | undefined>
> = {
  getKmd: ({ commands }, { moduleName }) => JSON.stringify(commands.moduleDescription(String(moduleName))),
};

function serverInfo({ commands, startedAtMs }: Books) {
  const modules = commands.describeModules();
  // Definitions are the source; what derives from them was made when the process started.
  const generationTime = new Date(startedAtMs).toISOString();
  return {
    version: modules.find(({ name }) => name === "core")?.version ?? "",
    modules: modules.map(({ name, version, types }) => ({
      version,
      name,
      generationTime,
      factories: types.filter((type) => !commands.registry.get(type).abstract),
    })),
    type: "KMS",
    capabilities: ["transactions"],
  };
}
