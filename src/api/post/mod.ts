/** The door of HttpPostEndpoint: media in the bodies of requests. */
export { createPostApp, type PostSettings } from "./app.ts";
