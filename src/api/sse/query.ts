import { AppError, type FieldError } from "../../base/mod.ts";
import type { EventFilter } from "../../event/mod.ts";

/** What a reader wants to follow. */
export interface Follow {
  filter: EventFilter;
  /** Number of the last event it has seen; null reads from the present on. */
  after: number | null;
}

const known = new Set(["pipeline", "element", "type", "lastEventId", "last_event_id"]);

/** Reads filters and place from a request; `pipelineId` comes from the path and leaves no choice of another. */
export function readFollow(request: Request, types: ReadonlySet<string>, pipelineId?: string): Follow {
  const query = new URL(request.url).searchParams;
  refuseUnknown(query, pipelineId !== undefined);
  return {
    after: readPlace(request.headers, query),
    filter: {
      pipelineId: pipelineId ?? query.get("pipeline") ?? undefined,
      elementId: query.get("element") ?? undefined,
      types: readTypes(query, types),
    },
  };
}

function readTypes(query: URLSearchParams, types: ReadonlySet<string>): string[] | undefined {
  const wanted = query.getAll("type").flatMap((value) => value.split(",")).map((type) => type.trim());
  for (const type of wanted) {
    if (types.has(type)) continue;
    throw new AppError(
      "event_type_not_found",
      `Cannot follow events of type "${type}": there are ${[...types].sort().join(", ")}`,
      { fields: [{ pointer: "?type", detail: `Unknown event type "${type}"` }] },
    );
  }
  return wanted.length > 0 ? wanted : undefined;
}

/** The header wins: a browser that reconnects sends it along with the address it was first given. */
function readPlace(headers: Headers, query: URLSearchParams): number | null {
  const header = headers.get("Last-Event-ID");
  if (header !== null && header !== "") {
    const place = numberOf(header);
    if (place !== null) return place;
    throw new AppError(
      "header_invalid",
      `Cannot read Last-Event-ID: "${header}" is no event number, send digits`,
    );
  }
  const name = query.has("lastEventId") ? "lastEventId" : "last_event_id";
  const given = query.get(name);
  if (given === null) return null;
  const place = numberOf(given);
  if (place !== null) return place;
  throw refusal([{ pointer: `?${name}`, detail: "Expected the number of an event" }]);
}

function numberOf(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function refuseUnknown(query: URLSearchParams, ofPipeline: boolean): void {
  const names = [...new Set(query.keys())];
  const odd = names.filter((name) => !known.has(name) || (ofPipeline && name === "pipeline"));
  const twice = names.filter((name) => name !== "type" && query.getAll(name).length > 1);
  const fields = [
    ...odd.map((name) => ({ pointer: `?${name}`, detail: "Unknown parameter" })),
    ...twice.map((name) => ({ pointer: `?${name}`, detail: "Given more than once" })),
  ];
  if (fields.length > 0) throw refusal(fields);
}

function refusal(fields: FieldError[]): AppError {
  const [{ pointer, detail }] = fields;
  return new AppError("query_invalid", `Cannot follow events: ${pointer}: ${detail}, correct the address`, {
    fields,
  });
}
