import { z } from "zod";

const kind = z.enum(["whip", "whep"]);
const session = { sessionId: z.string(), kind, stream: z.string().nullable() };
const state = z.enum(["counterOffered", "connecting", "connected"]);
const edited = z.object({
  name: z.string(),
  properties: z.record(z.string(), z.unknown()),
  tags: z.record(z.string(), z.string()),
});

/** Payloads of the events that no element type defines: they tell of rows and sessions. */
export const houseEvents: Readonly<Record<string, z.ZodObject>> = {
  ObjectCreated: z.object({ object: z.string() }),
  ObjectDestroyed: z.object({ objectId: z.string() }),
  PipelineChanged: edited,
  ElementChanged: edited,
  ServerChanged: edited,
  SessionStarted: z.object({ ...session, state }),
  SessionStateChanged: z.object({ ...session, state }),
  SessionEnded: z.object({ ...session, reason: z.string() }),
};
