import type { Registry } from "../../../graph/mod.ts";
import type { Route } from "../route.ts";
import { routesFor } from "../routes/mod.ts";
import type { JsonSchema } from "../schema/json_schema.ts";
import { Components } from "./components.ts";
import { eventPaths } from "./event_paths.ts";
import { operationOf } from "./operation.ts";
import { addRegistryComponents } from "./registry_components.ts";
import { postPaths } from "./post_paths.ts";
import { headers, parameters, problemComponents, problemSchema } from "./shared.ts";
import { whipPaths } from "./whip_paths.ts";

/** Version of the HTTP interface (not of the program): its first number moves when something is taken away. */
const API_VERSION = "1.0.0";

/** The OpenAPI 3.1 document of every HTTP path of this server, with the element types of `registry`. */
export function openApiDocument(registry: Registry): JsonSchema {
  const components = new Components();
  components.add("Problem", problemSchema);
  addRegistryComponents(registry, components);
  const paths = {
    ...routePaths(routesFor(registry), components),
    ...eventPaths(registry, components),
    ...whipPaths(),
    ...postPaths(),
  };
  return {
    openapi: "3.1.0",
    info,
    servers: [{ url: "/", description: "This server" }],
    tags,
    security: [{ bearer: [] }, {}],
    paths,
    components: {
      schemas: components.schemas(),
      parameters,
      headers,
      responses: problemComponents(),
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "KASKADO_API_TOKEN; where none is set, programs on the same machine need no token",
        },
      },
    },
  };
}

function routePaths(routes: readonly Route[], components: Components): Record<string, JsonSchema> {
  const paths: Record<string, JsonSchema> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path][route.method.toLowerCase()] = operationOf(route, components);
  }
  return paths;
}

const info = {
  title: "Kaskado",
  version: API_VERSION,
  description:
    "A media server whose pipelines are REST resources: publish by WHIP, watch by WHEP, and steer what lies " +
    "between.\n\nErrors are `application/problem+json` with a `code`. A method that a path does not have gets 405 with " +
    "`Allow`, an unknown path 404 `route_not_found`; HEAD works where GET does. Unknown fields and parameters are " +
    "refused.",
  license: { name: "Apache-2.0", identifier: "Apache-2.0" },
};

const tags = [
  { name: "Pipelines", description: "Elements with their connections. A stream is a pipeline by name." },
  { name: "Elements", description: "What media enters, passes and leaves by." },
  { name: "Operations", description: "What an element of a type can be told to do." },
  { name: "Connections", description: "From a source pad to a sink pad." },
  { name: "Tags", description: "Free labels on pipelines and elements." },
  { name: "Element types", description: "What this server can make, with schemas." },
  { name: "Sessions", description: "Live publishers and viewers." },
  { name: "Recordings", description: "Files that recorders wrote." },
  { name: "Events", description: "Everything that happens, numbered, as Server-Sent Events." },
  { name: "WHIP", description: "Publishing with WebRTC." },
  { name: "WHEP", description: "Watching with WebRTC." },
  { name: "Posts", description: "Media in the bodies of requests." },
  { name: "Server", description: "The server itself, its health and its documents." },
];
