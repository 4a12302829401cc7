export * from "./types.ts";
export { openNative } from "./open_native.ts";
