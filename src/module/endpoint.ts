import { z } from "zod";
import { computed, defineElement, final, operation } from "./define.ts";
import { MediaElement } from "./media_element.ts";
import { UriEndpointState } from "./media_types.ts";

/** An element where media enters or leaves the server. */
export const Endpoint = defineElement({
  type: "Endpoint",
  module: "core",
  extends: MediaElement,
  abstract: true,
  summary: "An element where media enters or leaves the server",
});

export const SessionEndpoint = defineElement({
  type: "SessionEndpoint",
  module: "core",
  extends: Endpoint,
  abstract: true,
  summary: "An endpoint whose media belongs to a session with a beginning and an end",
  events: {
    MediaSessionTerminated: z.object({}).describe("The session is over"),
    MediaSessionStarted: z.object({}).describe("The session is negotiated"),
  },
});

export const UriEndpoint = defineElement({
  type: "UriEndpoint",
  module: "core",
  extends: Endpoint,
  abstract: true,
  summary: "An endpoint whose media comes from, or goes to, a place with a URI",
  properties: {
    uri: final("Where the media is", z.string()),
    state: computed("What it does now", UriEndpointState),
  },
  operations: {
    pause: operation("Holds the media where it is"),
    stop: operation("Ends the media"),
  },
  events: {
    UriEndpointStateChanged: z.object({ state: UriEndpointState }).describe("It does something else now"),
  },
});
