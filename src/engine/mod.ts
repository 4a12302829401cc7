export { Engine, type EngineDeps, type KeptPipeline } from "./engine.ts";
export type { LiveElement } from "./live_element.ts";
export type { LivePipeline } from "./live_pipeline.ts";
export { MediaPlane, type MediaPlaneSettings } from "./media_plane.ts";
export { passedThrough } from "./peer_options.ts";
export type { Turn } from "./turn.ts";
