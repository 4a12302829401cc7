export * from "./bus.ts";
export * from "./cursor.ts";
export * from "./envelope.ts";
