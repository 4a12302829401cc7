import { defineElement } from "./define.ts";
import { MediaElement } from "./media_element.ts";

/** An element that changes the media that passes it. */
export const Filter = defineElement({
  type: "Filter",
  module: "core",
  extends: MediaElement,
  abstract: true,
  summary: "An element that changes or examines the media that passes it",
});

export const OpenCVFilter = defineElement({
  type: "OpenCVFilter",
  module: "filters",
  extends: Filter,
  abstract: true,
  summary: "A filter that works on decoded pictures",
});
