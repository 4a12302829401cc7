import { MOUNTPOINT } from "./janus_client.ts";
import { type BenchedServer, type ServerPlace, startProcess } from "./server.ts";

const HTTP_PORT = 18088;
/** Where the mountpoint takes its RTP. */
export const RTP_PORT = 15004;

/** Janus with one mountpoint of the streaming plugin: plain RTP in, WebRTC out. */
export interface JanusServer extends BenchedServer {
  api: string;
}

/** True when the Debian package is installed. */
export function hasJanus(): boolean {
  try {
    return new Deno.Command("janus", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .code >= 0;
  } catch {
    return false;
  }
}

/** Starts Janus as its package comes, without the plugins and transports that are not used. */
export async function startJanus(place: ServerPlace): Promise<JanusServer> {
  const configs = Deno.makeTempDirSync({ prefix: "kaskado_bench_janus_" });
  for (const [name, text] of Object.entries(configurations(place.address))) {
    Deno.writeTextFileSync(`${configs}/${name}.jcfg`, text);
  }
  const api = `http://${place.address}:${HTTP_PORT}/janus`;
  const command = [...place.prefix, "janus", "-F", configs];
  // It complains of a hash table at every join, to no effect.
  const server = await startProcess(command, {}, () => answers(`${api}/info`), "null");
  const stop = async () => {
    await server.stop();
    Deno.removeSync(configs, { recursive: true });
  };
  return { pid: server.pid, baseUrl: api, api, address: place.address, stop };
}

function configurations(address: string): Record<string, string> {
  return {
    "janus": `general: { debug_level = 1, session_timeout = 0, interface = "${address}" }
certificates: {}
media: {}
nat: { ice_enforce_list = "${address}" }
plugins: { disable = "${unusedPlugins}" }
transports: { disable = "libjanus_websockets.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so" }
`,
    "janus.transport.http":
      `general: { base_path = "/janus", http = true, port = ${HTTP_PORT}, ip = "${address}", https = false }
admin: { admin_http = false }
`,
    "janus.plugin.streaming": `bench: {
  type = "rtp", id = ${MOUNTPOINT}, description = "bench"
  audio = false, video = true, videoport = ${RTP_PORT}, videopt = 96, videocodec = "vp8"
}
`,
  };
}

const unusedPlugins = [
  "audiobridge",
  "duktape",
  "echotest",
  "lua",
  "nosip",
  "recordplay",
  "sip",
  "textroom",
  "videocall",
  "videoroom",
  "voicemail",
].map((name) => `libjanus_${name}.so`).join(",");

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
