import { z } from "zod";
import { complexType, enumType } from "../graph/mod.ts";

export const ServerType = enumType(
  "core",
  "ServerType",
  z.enum(["KMS", "KCS"]).describe(
    "KMS: a media server. KCS: one that speaks for several, which this server is not",
  ),
);

export const ModuleInfo = complexType(
  "core",
  "ModuleInfo",
  z.strictObject({
    version: z.string(),
    name: z.string(),
    generationTime: z.string().describe("When the module was built"),
    factories: z.array(z.string()).describe("Names of the types that are not abstract"),
  }).describe("One module of this server"),
);

export const ServerInfo = complexType(
  "core",
  "ServerInfo",
  z.strictObject({
    version: z.string(),
    modules: z.array(ModuleInfo),
    type: ServerType,
    capabilities: z.array(z.string()).describe("Abilities beyond the least, such as transactions"),
  }).describe("What this server is"),
);
