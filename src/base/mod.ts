export * from "./address.ts";
export * from "./assert.ts";
export * from "./clock.ts";
export * from "./errors.ts";
export * from "./field_errors.ts";
export * from "./ids.ts";
export * from "./log.ts";
