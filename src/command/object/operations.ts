import type { House } from "../house.ts";
import { connectTo, disconnectFrom, getSinkConnections, getSourceConnections } from "./connections.ts";
import { dumpGstreamerDot, getGstreamerDot } from "./dot.ts";
import { isMediaFlowingIn, isMediaFlowingOut, isMediaTranscoding } from "./flow.ts";
import { setAudioFormat, setVideoFormat } from "./formats.ts";
import type { FoundObject } from "./found.ts";
import { getKmd } from "./get_kmd.ts";
import { getStats } from "./get_stats.ts";
import { getCpuCount, getUsedCpu, getUsedMemory } from "./load.ts";
import { addTag, getTag, getTags, removeTag } from "./tags.ts";

/** Carries out an operation that the house has for all objects of a place; `input` fits the definition. */
export type ObjectOperation = (house: House, object: never, input: never) => unknown;

const tags = { addTag, removeTag, getTag, getTags };
const drawings = { getGstreamerDot, dumpGstreamerDot };

/** What the house does itself, by the place of the object; everything else is the element's own. */
const operations: Readonly<Record<FoundObject["place"], Readonly<Record<string, ObjectOperation>>>> = {
  server: { ...tags, getKmd, getCpuCount, getUsedCpu, getUsedMemory },
  pipeline: { ...tags, ...drawings },
  element: {
    ...tags,
    ...drawings,
    connect: connectTo,
    disconnect: disconnectFrom,
    getSourceConnections,
    getSinkConnections,
    getStats,
    isMediaFlowingIn,
    isMediaFlowingOut,
    isMediaTranscoding,
    setAudioFormat,
    setVideoFormat,
  },
};

/** The house's own way to carry out an operation at objects of this place, if it has one. */
export function houseOperation(place: FoundObject["place"], name: string): ObjectOperation | undefined {
  const known = operations[place];
  return Object.hasOwn(known, name) ? known[name] : undefined;
}
