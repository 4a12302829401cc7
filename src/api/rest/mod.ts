export { createRestApp } from "./app.ts";
export { openApiDocument } from "./openapi/document.ts";
export type { RestSettings } from "./settings.ts";
