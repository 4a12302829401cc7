import type { Browser, Page } from "playwright-core";
import { type BrowserPublishOptions, type BrowserSession, openPage, sessionOf } from "./chromium.ts";

/** What one RTCPeerConnection of the page does with a WebRtcEndpoint. */
export interface KurentoPeer {
  /** Object id of the endpoint. */
  endpoint: string;
  send?: Omit<BrowserPublishOptions, "whipUrl">;
  receive?: boolean;
  /** Label of a data channel that the page opens. */
  channel?: string;
}

/** A page that speaks JSON-RPC to the server by itself, as the browser tutorials of Kurento do. */
export interface KurentoPage {
  /** `result.value` of a request; throws `<code> <message>`. */
  // deno-lint-ignore no-explicit-any
  call(method: string, params: Record<string, unknown>): Promise<any>;
  /** Id of a new object. */
  create(type: string, constructorParams?: Record<string, unknown>): Promise<string>;
  // deno-lint-ignore no-explicit-any
  invoke(object: string, operation: string, operationParams?: Record<string, unknown>): Promise<any>;
  negotiate(peer: KurentoPeer): Promise<KurentoSession>;
}

export interface KurentoSession extends BrowserSession {
  sendText(text: string): Promise<void>;
  receivedTexts(): Promise<string[]>;
}

/** Opens a page with a JSON-RPC connection to the server at `baseUrl` (http://host:port). */
export async function openKurentoPage(browser: Browser, baseUrl: string): Promise<KurentoPage> {
  const page = await openPage(browser, `${baseUrl}/readyz`, ["./kurento_page.js"]);
  await ask(page, "open", `${baseUrl.replace("http", "ws")}/kurento`);
  const call: KurentoPage["call"] = (method, params) => ask(page, "call", { method, params });
  return {
    call,
    create: (type, constructorParams = {}) => call("create", { type, constructorParams }),
    invoke: (object, operation, operationParams = {}) =>
      call("invoke", { object, operation, operationParams }),
    negotiate: async (peer) => {
      const index = Number(await ask(page, "negotiate", peer));
      return {
        ...sessionOf(page, index),
        sendText: async (text) => void await ask(page, "sendText", { index, text }),
        receivedTexts: () => ask(page, "receivedTexts", index) as Promise<string[]>,
      };
    },
  };
}

function ask(page: Page, name: string, argument: unknown): Promise<unknown> {
  return page.evaluate(`kurento.${name}(${JSON.stringify(argument)})`);
}

/** A camera as the pages of these tests have it. */
export const camera: NonNullable<KurentoPeer["send"]> = {
  codec: "VP8",
  width: 640,
  height: 360,
  frameRate: 30,
  maxBitrateBps: 800_000,
  audio: true,
  source: "camera",
};
