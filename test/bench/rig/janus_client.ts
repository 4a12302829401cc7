import type { Client } from "./peers.ts";

/** The mountpoint that `startJanus` makes. */
export const MOUNTPOINT = 1;

/** Watches the mountpoint by Janus' own HTTP API; Janus offers, the client answers. Returns how to end it. */
export async function joinStreaming(client: Client, api: string): Promise<() => Promise<unknown>> {
  const session = `${api}/${(await ask(api, { janus: "create" })).data.id}`;
  const handle = `${session}/${
    (await ask(session, { janus: "attach", plugin: "janus.plugin.streaming" })).data.id
  }`;
  const watch = { janus: "message", body: { request: "watch", id: MOUNTPOINT } };
  await ask(handle, watch);
  const answer = client.peer.processOffer(await offerOf(session));
  await ask(handle, { janus: "message", body: { request: "start" }, jsep: { type: "answer", sdp: answer } });
  return () => ask(session, { janus: "destroy" });
}

async function offerOf(session: string): Promise<string> {
  for (let tries = 0; tries < 10; tries++) {
    const event = await (await fetch(`${session}?maxev=1`)).json();
    if (event.jsep) return event.jsep.sdp;
    if (event.error || event.plugindata?.data?.error) break;
  }
  throw new Error("Cannot watch by Janus: it made no offer");
}

// deno-lint-ignore no-explicit-any
async function ask(url: string, request: Record<string, unknown>): Promise<any> {
  const body = JSON.stringify({ ...request, transaction: crypto.randomUUID() });
  const reply = await (await fetch(url, { method: "POST", body })).json();
  if (reply.janus === "error") throw new Error(`Cannot ${request.janus} at Janus: ${reply.error.reason}`);
  return reply;
}
