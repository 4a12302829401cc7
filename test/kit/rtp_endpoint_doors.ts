import { openKurentoClient } from "./kurento_client.ts";
import { restClient } from "./rest_client.ts";

/** RtpEndpoints of one pipeline, by either door. */
export interface RtpEndpointDoor {
  /** Makes an endpoint under this name. */
  create(name: string, options?: Record<string, unknown>): Promise<void>;
  idOf(name: string): string;
  connect(source: string, sink: string): Promise<void>;
  processOffer(name: string, offer: string): Promise<string>;
  generateOffer(name: string): Promise<string>;
  processAnswer(name: string, answer: string): Promise<string>;
  close(): Promise<void>;
}

/** Opens a pipeline by REST. */
export async function openByRest(baseUrl: string, pipelineName?: string): Promise<RtpEndpointDoor> {
  const rest = restClient(baseUrl);
  const done = async (reply: ReturnType<typeof rest.post>) => {
    const { status, body } = await reply;
    if (status >= 300) throw Object.assign(new Error(body.detail), body);
    return body;
  };
  const pipeline = await done(rest.post("/v1/pipelines", { name: pipelineName }));
  const ids = new Map<string, string>();
  const invoke = async (name: string, operation: string, input: object) =>
    (await done(rest.post(`/v1/elements/${ids.get(name)}/${operation}`, input))).result;
  return {
    async create(name, options = {}) {
      const element = { type: "RtpEndpoint", name, options };
      ids.set(name, (await done(rest.post(`/v1/pipelines/${pipeline.id}/elements`, element))).id);
    },
    idOf: (name) => ids.get(name)!,
    async connect(source, sink) {
      await done(rest.post(`/v1/elements/${ids.get(source)}/connections`, { sink: ids.get(sink) }));
    },
    processOffer: (name, offer) => invoke(name, "processOffer", { offer }),
    generateOffer: (name) => invoke(name, "generateOffer", {}),
    processAnswer: (name, answer) => invoke(name, "processAnswer", { answer }),
    close: async () => void await rest.delete(`/v1/pipelines/${pipeline.id}`),
  };
}

/** Opens a pipeline by Kurento's own client. */
export async function openByKurento(baseUrl: string): Promise<RtpEndpointDoor> {
  const client = await openKurentoClient(`${baseUrl.replace("http", "ws")}/kurento`);
  await client.create("pipeline", "MediaPipeline");
  const ids = new Map<string, string>();
  return {
    async create(name, options = {}) {
      ids.set(name, await client.create(name, "RtpEndpoint", { mediaPipeline: "@pipeline", ...options }));
    },
    idOf: (name) => ids.get(name)!,
    connect: (source, sink) => client.call(source, "connect", `@${sink}`),
    processOffer: (name, offer) => client.call(name, "processOffer", offer),
    generateOffer: (name) => client.call(name, "generateOffer"),
    processAnswer: (name, answer) => client.call(name, "processAnswer", answer),
    close: async () => {
      await client.call("pipeline", "release");
      await client.kill();
    },
  };
}
