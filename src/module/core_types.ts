import type { Definition } from "../graph/mod.ts";
import { Filter } from "./filter.ts";
import { Hub } from "./hub.ts";
import { MediaElement } from "./media_element.ts";
import { MediaPipeline } from "./media_pipeline.ts";
import { SessionEndpoint, UriEndpoint } from "./endpoint.ts";
import { BaseRtpEndpoint } from "./sdp_endpoint.ts";
import { ServerManager } from "./server_manager.ts";
import "./unused_stats_types.ts";

/** What every registry holds before any element: the server, pipelines, and the abstract types with what they extend. */
export const coreTypes: readonly Definition[] = [
  ServerManager,
  MediaPipeline,
  MediaElement,
  Hub,
  Filter,
  SessionEndpoint,
  UriEndpoint,
  BaseRtpEndpoint,
];
