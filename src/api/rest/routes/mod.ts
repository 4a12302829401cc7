import type { Registry } from "../../../graph/mod.ts";
import type { Route } from "../route.ts";
import { connectionRoutes } from "./connections.ts";
import { elementTypeRoutes } from "./element_types.ts";
import { elementRoutes } from "./elements.ts";
import { operationRoutes } from "./operations.ts";
import { pipelineViewRoutes } from "./pipeline_views.ts";
import { pipelineRoutes } from "./pipelines.ts";
import { recordingRoutes } from "./recordings.ts";
import { serverRoutes } from "./server.ts";
import { sessionRoutes } from "./sessions.ts";
import { tagRoutes } from "./tags.ts";

/** Every route of this door, in the order of the document. */
export function routesFor(registry: Registry): Route[] {
  return [
    ...serverRoutes,
    ...elementTypeRoutes,
    ...pipelineRoutes,
    ...pipelineViewRoutes,
    ...elementRoutes,
    ...connectionRoutes,
    ...tagRoutes,
    ...operationRoutes(registry),
    ...sessionRoutes,
    ...recordingRoutes,
  ];
}
