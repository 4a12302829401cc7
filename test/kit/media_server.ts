import { type EventFollower, followEvents } from "./event_follower.ts";
import { type RestClient, restClient } from "./rest_client.ts";
import { type ServerOptions, startServer, type TestServer } from "./server.ts";
import { continueUntil } from "./until.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** A server with a media folder of its own, driven by REST and followed by SSE. */
export interface MediaServer {
  readonly server: TestServer;
  readonly mediaDir: string;
  readonly rest: RestClient;
  /** Makes a pipeline; gives the ids of its elements by their names, and its own as `pipeline`. */
  make(elements: Json[], connections?: Json[]): Promise<Record<string, string>>;
  /** Runs an operation that has to succeed. */
  call(elementId: string, operation: string, input?: object): Promise<Json>;
  /** Properties of an element now. */
  read(elementId: string): Promise<Json>;
  /** Data of the events of an element that came so far. */
  heard(elementId: string, type: string): Json[];
  /** Every type of event of an element, in order; flow, transcoding and progress left out. */
  story(elementId: string): string[];
  /** The first event of this type of the element that fits, come or to come. */
  event(elementId: string, type: string, fits?: (data: Json) => boolean, limitMs?: number): Promise<Json>;
  /** Follows events again, after a restart. */
  follow(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMediaServer(options: ServerOptions = {}): Promise<MediaServer> {
  const mediaDir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "kaskado_media_" }));
  const env = { KASKADO_MEDIA_DIR: mediaDir, ...options.env };
  const server = await startServer({ ...options, env });
  const rest = restClient(server.baseUrl);
  const followers: EventFollower[] = [];
  const ofElement = (id: string) =>
    followers.flatMap(({ events }) => events).filter(({ data }) => data.elementId === id);
  const heard = (id: string, type: string) =>
    ofElement(id).filter((event) => event.type === type).map(({ data }) => data.data);
  const follow = async () => {
    const after = followers.at(-1)?.lastSeq ?? 0;
    followers.push(await followEvents(`${server.baseUrl}/v1/events`, after));
  };
  await follow();
  return {
    server,
    mediaDir,
    rest,
    heard,
    follow,
    story: (id) =>
      ofElement(id).map(tale).filter((each) => !/^(Media|Object|Element|RecordingProgress)/.test(each)),
    make: async (elements, connections = []) => {
      const { status, body } = await rest.post("/v1/pipelines", { elements, connections });
      if (status !== 201) throw new Error(`Cannot make the pipeline: ${JSON.stringify(body)}`);
      const named = body.elements.map(({ name, id }: Json) => [name, id]);
      return { pipeline: body.id, ...Object.fromEntries(named) };
    },
    call: async (id, operation, input = {}) => {
      const { status, body } = await rest.post(`/v1/elements/${id}/${operation}`, input);
      if (status !== 200) throw new Error(`Cannot ${operation}: ${JSON.stringify(body)}`);
      return body.result;
    },
    read: async (id) => (await rest.get(`/v1/elements/${id}`)).body.properties,
    event: async (id, type, fits = () => true, limitMs = 15_000) => {
      await continueUntil(
        `${type}, heard were ${ofElement(id).map(tale).join(", ")}`,
        () => heard(id, type).some(fits),
        limitMs,
      );
      return heard(id, type).find(fits);
    },
    stop: async () => {
      for (const follower of followers) follower.stop();
      await server.stop();
      Deno.removeSync(mediaDir, { recursive: true });
    },
  };
}

/** An event with what tells it from others of its type. */
function tale({ type, data: { data } }: EventFollower["events"][number]): string {
  const detail = type === "Error" ? data.type : data.state;
  return detail === undefined ? type : `${type} ${detail}`;
}
