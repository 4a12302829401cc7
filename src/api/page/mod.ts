export { createPageApp } from "./app.ts";
