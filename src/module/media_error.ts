import { type Action, emit } from "./action.ts";

/** Kurento's kinds of errors with GStreamer's number of each, and the words that clients know before the details. */
const kinds: Readonly<Record<string, { errorCode: number; words: string }>> = {
  INVALID_URI: { errorCode: 0, words: "Invalid URI" },
  INVALID_MEDIA: { errorCode: 0, words: "Invalid Media" },
  RESOURCE_ERROR_OPEN: { errorCode: 5, words: "Error code 5" },
  RESOURCE_ERROR_WRITE: { errorCode: 10, words: "Error code 10" },
  RESOURCE_ERROR_NO_SPACE_LEFT: { errorCode: 14, words: "Error code 14" },
  STREAM_ERROR_FAILED: { errorCode: 1, words: "Error code 1" },
  STREAM_ERROR_DECODE: { errorCode: 7, words: "Error code 7" },
  STREAM_ERROR_ENCODE: { errorCode: 8, words: "Error code 8" },
};
const unexpected = { errorCode: 1, words: "Error code 1" };

/** The Error event of something that went wrong with media; a kind that clients cannot know is UNEXPECTED_ELEMENT_ERROR. */
export function mediaError(kind: string, description: string): Action {
  const known = Object.hasOwn(kinds, kind);
  const { errorCode, words } = known ? kinds[kind] : unexpected;
  return emit("Error", {
    description: `${words}: ${description}`,
    errorCode,
    type: known ? kind : "UNEXPECTED_ELEMENT_ERROR",
  });
}
