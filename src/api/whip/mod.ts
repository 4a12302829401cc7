export { createWhipApp } from "./app.ts";
export type { IceServerLink, RateLimit, WhipSettings } from "./settings.ts";
