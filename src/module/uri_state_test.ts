import { expect, test } from "vitest";
import { mediaError } from "./media_error.ts";
import { UriState } from "./uri_state.ts";

test("a move to another state is told, one to the same is not", () => {
  const state = new UriState();
  expect(state.now).toBe("STOP");
  expect(state.move("STOP")).toEqual([]);
  expect(state.move("START")).toEqual([
    { do: "emit", event: "UriEndpointStateChanged", data: { state: "START" } },
  ]);
  expect(state.now).toBe("START");
  expect(new UriState("PAUSE").now).toBe("PAUSE");
});

test.each([
  ["INVALID_URI", 0, "Invalid URI: why"],
  ["INVALID_MEDIA", 0, "Invalid Media: why"],
  ["RESOURCE_ERROR_NO_SPACE_LEFT", 14, "Error code 14: why"],
])("%s is told with GStreamer's number and the words that clients know", (type, errorCode, description) => {
  expect(mediaError(type, "why")).toEqual({
    do: "emit",
    event: "Error",
    data: { type, errorCode, description },
  });
});

test.each(["SEEK_FAILED", "toString"])("%s, which clients cannot know, is an unexpected error", (kind) => {
  expect(mediaError(kind, "why")).toMatchObject({ data: { type: "UNEXPECTED_ELEMENT_ERROR", errorCode: 1 } });
});
