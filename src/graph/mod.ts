export * from "./definition.ts";
export * from "./draw_dot.ts";
export * from "./draw_svg.ts";
export * from "./model.ts";
export * from "./plan.ts";
export * from "./planned.ts";
export { type ConnectChange, type DisconnectChange } from "./link.ts";
export * from "./registry.ts";
export * from "./trace.ts";
