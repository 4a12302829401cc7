/** The door for element authors: definitions, actions, and the abstract types to extend. */
export * from "./action.ts";
export * from "./define.ts";
export * from "./flow_operations.ts";
export * from "./instance.ts";
export * from "./media_object.ts";
export { AppError } from "../base/mod.ts";
export type { Definition, MediaKind } from "../graph/mod.ts";
