export * from "./byte_range.ts";
export * from "./access.ts";
export * from "./body.ts";
export * from "./cors.ts";
export { answerNotFound, type Method, mountPath, type PathGuard } from "./path.ts";
export * from "./problem.ts";
export * from "./request_id.ts";
export * from "./server_env.ts";
export * from "./identity.ts";
