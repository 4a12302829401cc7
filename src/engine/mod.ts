export { Engine, type EngineDeps, type KeptPipeline } from "./engine.ts";
export type { LiveElement } from "./live_element.ts";
export type { LivePipeline } from "./live_pipeline.ts";
export { hostAddressOf, MediaPlane, type MediaPlaneSettings } from "./media_plane.ts";
export { passedThrough } from "./peer_options.ts";
export type { FrameRoom } from "./program_link.ts";
export type { Turn } from "./turn.ts";
