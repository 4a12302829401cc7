export { createSseApp, type SseSettings } from "./app.ts";
