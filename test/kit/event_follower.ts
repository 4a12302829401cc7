/** One event as it came over the wire. */
export interface FollowedEvent {
  /** The id line. */
  seq: number;
  type: string;
  // deno-lint-ignore no-explicit-any
  data: any;
}

export interface EventFollower {
  readonly events: FollowedEvent[];
  /** Number of the last event, for Last-Event-ID. */
  readonly lastSeq: number;
  /** Resolves when the server ended the stream, or it broke. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** Follows a stream of Server-Sent Events. `after`: what the follower saw last; 0 for everything there is. */
export async function followEvents(url: string, after: number): Promise<EventFollower> {
  const abort = new AbortController();
  const response = await fetch(url, { headers: { "last-event-id": String(after) }, signal: abort.signal });
  if (response.status !== 200) {
    throw new Error(`Cannot follow ${url}: ${response.status} ${await response.text()}`);
  }
  const events: FollowedEvent[] = [];
  return {
    events,
    get lastSeq() {
      return events.at(-1)?.seq ?? after;
    },
    ended: read(response.body!, events).catch(() => {}),
    stop: () => abort.abort(),
  };
}

async function read(body: ReadableStream<Uint8Array>, events: FollowedEvent[]): Promise<void> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const event = parse(block);
      if (event) events.push(event);
    }
  }
}

/** Null for comments and retry hints. */
function parse(block: string): FollowedEvent | null {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1];
  const data = field("data");
  return data === undefined
    ? null
    : { seq: Number(field("id")), type: field("event") ?? "", data: JSON.parse(data) };
}
