/** The door of HttpPostEndpoint: media in the bodies of requests. */
export { createPostApp, type PostSettings } from "./app.ts";
export { type BodyHandler, type BodyListener, listenForBodies } from "./listener.ts";
