import { z } from "zod";
import { pageOf, pageParameters, pageReply } from "../pages.ts";
import { type ReplySpec, type Route, route } from "../route.ts";
import { RecordingSchema, RecordingState, showRecording } from "../schema/recording.ts";

const all = "/v1/recordings";
const one = `${all}/{name}`;

const RecordingQuery = z.strictObject({
  ...pageParameters,
  pipeline: z.string().min(1).optional().describe("Only those made in the pipeline of this id"),
  element: z.string().min(1).optional().describe("Only those of the recorder of this id"),
  state: RecordingState.optional(),
});

const bytes: Readonly<Record<200 | 206, ReplySpec>> = {
  200: {
    description: "The whole file",
    bytes: true,
    headers: ["ETag", "AcceptRanges", "LastModified"],
  },
  206: {
    description: "The range that was asked for",
    bytes: true,
    headers: ["ETag", "AcceptRanges", "LastModified", "ContentRange"],
  },
};

const listed: Route[] = [
  route({
    method: "GET",
    path: all,
    tag: "Recordings",
    operationId: "listRecordings",
    summary: "Files that recorders wrote and that are there, in the order in which they began",
    description: "A page may have fewer items than its limit, where files were removed by other hands.",
    query: RecordingQuery,
    replies: {
      200: {
        description: "A page",
        schema: pageOf(RecordingSchema).meta({ id: "RecordingPage" }),
        headers: ["Link"],
      },
    },
    errors: ["cursor_invalid"],
    run: async ({ query }, { commands }) => {
      const { pipeline, element, ...rest } = query;
      const page = await commands.listRecordings({ ...rest, pipelineId: pipeline, elementId: element });
      return pageReply(page, showRecording, all, query);
    },
  }),
  route({
    method: "GET",
    path: one,
    tag: "Recordings",
    operationId: "getRecording",
    summary: "One recording",
    replies: { 200: { description: "The recording", schema: RecordingSchema } },
    errors: ["recording_not_found"],
    run: async ({ params }, { commands }) => ({
      status: 200,
      json: showRecording(await commands.getRecording(params.name)),
    }),
  }),
  route({
    method: "DELETE",
    path: one,
    tag: "Recordings",
    operationId: "deleteRecording",
    summary: "Removes a recording: its file, and the segments that a playlist names",
    replies: { 204: { description: "Removed" } },
    errors: ["recording_not_found", "recording_active", "unavailable"],
    run: async ({ params }, { commands }) => {
      await commands.deleteRecording(params.name);
      return { status: 204 };
    },
  }),
];

export const recordingRoutes: Route[] = [
  ...listed,
  route({
    method: "GET",
    path: `${one}/file`,
    tag: "Recordings",
    operationId: "getRecordingFile",
    summary: "The bytes of a recording, as far as they are written",
    ranged: true,
    replies: bytes,
    errors: ["recording_not_found", "range_unsatisfiable", "precondition_failed"],
    run: async ({ params }, { commands }) => ({
      status: 200,
      file: await commands.recordingFile(params.name),
    }),
  }),
  route({
    method: "GET",
    path: `${one}/{part}`,
    tag: "Recordings",
    operationId: "getRecordingPart",
    summary: "The bytes of a segment that a recording's playlist names, where players look for it",
    ranged: true,
    replies: bytes,
    errors: ["recording_not_found", "range_unsatisfiable", "precondition_failed"],
    run: async ({ params }, { commands }) => ({
      status: 200,
      file: await commands.recordingFile(params.name, params.part),
    }),
  }),
];
