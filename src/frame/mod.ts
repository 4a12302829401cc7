/** Worker processes that hold FFmpeg, and the programs that run in them: what has to see frames instead of packets. */
export { type FramePoolSettings, openFramePool } from "./pool.ts";
export { encodableFormats } from "./encodable.ts";
export * from "./types.ts";
