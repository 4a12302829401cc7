import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../base/mod.ts";
import type { LivePipeline } from "../../engine/mod.ts";
import {
  allOf,
  aroundElement,
  type Connection,
  type DotNotes,
  drawDot,
  type Element,
} from "../../graph/mod.ts";
import type { House } from "../house.ts";
import type { FoundElement, FoundPipeline } from "./found.ts";

type Drawn = FoundElement | FoundPipeline;

/** How much a drawing tells; names and meanings are GStreamer's. */
type Details =
  | "SHOW_MEDIA_TYPE"
  | "SHOW_CAPS_DETAILS"
  | "SHOW_NON_DEFAULT_PARAMS"
  | "SHOW_STATES"
  | "SHOW_FULL_PARAMS"
  | "SHOW_ALL"
  | "SHOW_VERBOSE";

type Topic = "caps" | "changed" | "states" | "everything";

const topicsOf: Readonly<Record<Details, readonly Topic[]>> = {
  SHOW_MEDIA_TYPE: [],
  SHOW_CAPS_DETAILS: ["caps"],
  SHOW_NON_DEFAULT_PARAMS: ["changed"],
  SHOW_STATES: ["states"],
  SHOW_FULL_PARAMS: ["everything"],
  SHOW_ALL: ["caps", "changed", "states"],
  SHOW_VERBOSE: ["caps", "states", "everything"],
};

/** A GraphViz drawing: of the whole pipeline, or of an element or hub with what it is connected to. */
export function getGstreamerDot(
  _house: House,
  object: Drawn,
  { details = "SHOW_VERBOSE" }: { details?: Details },
): string {
  const { pipeline } = object;
  const graph = object.place === "pipeline" ? pipeline.graph : aroundElement(pipeline.graph, object.id);
  return drawDot(graph, notesOn(pipeline, topicsOf[details]));
}

/** Writes the drawing into the directory of KASKADO_DOT_DIR, under a name that tells object and time. */
export async function dumpGstreamerDot(
  house: House,
  object: Drawn,
  input: { details?: Details },
): Promise<null> {
  const { dotDir } = house.settings;
  if (dotDir === null) {
    throw new AppError(
      "operation_not_supported",
      "Cannot write the drawing to a file: this server has no directory for it, set KASKADO_DOT_DIR or use " +
        "getGstreamerDot",
    );
  }
  const time = new Date(house.clock.now()).toISOString().replaceAll(":", "");
  const file = join(dotDir, `${time}-${object.definition.type}-${object.id}.dot`);
  await writeFile(file, getGstreamerDot(house, object, input)).catch((error) => {
    throw new AppError(
      "operation_not_supported",
      `Cannot write the drawing to ${file}: the directory of KASKADO_DOT_DIR takes no file, check that it exists ` +
        "and may be written",
      { internal: error },
    );
  });
  return null;
}

function notesOn(pipeline: LivePipeline, topics: readonly Topic[]): DotNotes {
  const tells = new Set(topics);
  return {
    ofElement: (element) => [
      ...(tells.has("states") ? statesOf(pipeline, element) : []),
      ...(tells.has("everything")
        ? valuesOf(pipeline, element)
        : tells.has("changed")
        ? linesOf(element.properties)
        : []),
    ],
    ofConnection: (link) => tells.has("caps") ? capsOf(pipeline, link) : [],
  };
}

function statesOf(pipeline: LivePipeline, element: Element): string[] {
  const live = pipeline.live(element.id);
  if (!live) return [];
  const kinds = Object.keys(allOf(live.definition, "pads")).filter((media) => media !== "data");
  const flows = (direction: "in" | "out") =>
    kinds.filter((media) => live.flowing(direction, media as "audio" | "video")).join(", ") || "nothing";
  const pads = kinds.length > 0 ? [`flowing in: ${flows("in")}`, `flowing out: ${flows("out")}`] : [];
  return [...pads, ...[...live.links].map((link) => `ICE ${link.iceState}, DTLS ${link.dtlsState}`)];
}

function valuesOf(pipeline: LivePipeline, element: Element): string[] {
  const live = pipeline.live(element.id);
  if (!live) return [];
  const specs = Object.entries(allOf(live.definition, "properties"));
  const settable = specs.filter(([, { access }]) => access === "readWrite").map(([name]) => name);
  return [
    ...linesOf(element.options),
    ...linesOf(Object.fromEntries(settable.map((name) => [name, live.property(name)]))),
  ];
}

function linesOf(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
}

/** What flows through the connection now. */
function capsOf(pipeline: LivePipeline, link: Connection): string[] {
  const format = pipeline.live(link.sink)?.feeding(link.media);
  return format ? [format.format] : [];
}
