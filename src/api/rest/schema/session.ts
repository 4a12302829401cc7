import { z } from "zod";
import type { SessionView } from "../../../command/mod.ts";
import { Id, Time, timeText } from "./values.ts";

export const SessionSchema = z.object({
  id: Id,
  kind: z.enum(["whip", "whep"]),
  pipelineId: Id,
  elementId: Id,
  stream: z.string().nullable().describe("The name in its URL; null when it was made at an element"),
  state: z.enum(["counterOffered", "connecting", "connected"]),
  remoteAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  iceGeneration: z.string().describe("Changes with each ICE restart"),
  createdAt: Time,
}).meta({ id: "Session" });

export function showSession({ createdAtMs, ...session }: SessionView) {
  return { ...session, createdAt: timeText(createdAtMs) };
}
