import { isIPv4 } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OfferedSection, type OfferOptions, sdpOffer } from "../kit/sdp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { KASKADO_ANNOUNCED_ADDRESSES: "127.0.0.1,2001:db8::7,192.0.2.7" } });
  // WHEP is asked about a stream that somebody publishes.
  await answerTo("/whip/live", publisher);
});
afterAll(() => server?.stop());

const both = (direction: OfferedSection["direction"]): OfferedSection[] => [
  { kind: "audio", direction },
  { kind: "video", direction },
];
const publisher = { sections: both("sendonly") };
const viewer = { sections: both("recvonly") };

async function post(path: string, offer: OfferOptions): Promise<Response> {
  const headers = { "Content-Type": "application/sdp" };
  return await fetch(server.baseUrl + path, { method: "POST", headers, body: sdpOffer(offer) });
}

/** The m-lines of the answer, each with its lines. */
async function answerTo(path: string, offer: OfferOptions): Promise<string[][]> {
  const response = await post(path, offer);
  const text = await response.text();
  if (response.status !== 201) throw new Error(`${response.status}: ${text}`);
  return text.split(/^(?=m=)/m).slice(1).map((section) => section.trimEnd().split("\r\n"));
}

async function refusalOf(path: string, offer: OfferOptions): Promise<{ status: number; detail: string }> {
  const response = await post(path, offer);
  expect(response.headers.get("Location")).toBeNull();
  return { status: response.status, ...await response.json() };
}

test("item 8: a publisher that sends is answered recvonly, a viewer that receives sendonly", async () => {
  for (const direction of ["sendonly", "sendrecv"] as const) {
    for (const section of await answerTo("/whip/a", { sections: both(direction) })) {
      expect(section).toContain("a=recvonly");
    }
  }
  for (const direction of ["recvonly", "sendrecv"] as const) {
    for (const section of await answerTo("/whep/live", { sections: both(direction) })) {
      expect(section).toContain("a=sendonly");
    }
  }
});

test("item 8: an offer in the wrong direction, or inactive, is refused with 422 that names it", async () => {
  for (const direction of ["recvonly", "inactive"] as const) {
    const refusal = await refusalOf("/whip/a", { sections: both(direction) });
    expect(refusal).toMatchObject({ status: 422, detail: expect.stringContaining(direction) });
  }
  for (const direction of ["sendonly", "inactive"] as const) {
    expect((await refusalOf("/whep/live", { sections: both(direction) })).status).toBe(422);
  }
});

test("item 9: one of each kind is the most, a second one refuses the whole POST with 422", async () => {
  for (const kind of ["audio", "video"] as const) {
    const refusal = await refusalOf("/whip/a", {
      sections: [...publisher.sections, { kind, direction: "sendonly" }],
    });
    expect(refusal.status).toBe(422);
    expect((await answerTo("/whip/a", { sections: [{ kind, direction: "sendonly" }] })).length).toBe(1);
  }
});

test("item 10: an m-line that cannot be used refuses the whole POST, and makes no stream", async () => {
  const unknown: OfferedSection = {
    kind: "video",
    direction: "sendonly",
    codec: ["a=rtpmap:96 X-UNKNOWN/90000"],
  };
  const refusal = await refusalOf("/whip/partly", {
    sections: [{ kind: "audio", direction: "sendonly" }, unknown],
  });
  expect(refusal).toMatchObject({ status: 422, code: "codec_mismatch" });
  const { items } = await (await fetch(`${server.baseUrl}/v1/pipelines?name=partly`)).json();
  expect(items).toEqual([]);
});

describe("item 11: the answer bundles", () => {
  test("every m-line is in one BUNDLE group, on one port, with rtcp-mux and rtcp-mux-only", async () => {
    for (const [path, offer] of [["/whip/a", publisher], ["/whep/live", viewer]] as const) {
      const sections = await answerTo(path, offer);
      expect(new Set(sections.map(([line]) => line.split(" ")[1])).size).toBe(1);
      for (const section of sections) {
        expect(section).toContain("a=rtcp-mux");
        expect(section).toContain("a=rtcp-mux-only");
      }
    }
    expect(await (await post("/whip/a", publisher)).text()).toContain("a=group:BUNDLE 0 1\r\n");
  });
});

test("item 12: actpass and active make the server passive, passive makes it active", async () => {
  for (
    const [setup, answered] of [["actpass", "passive"], ["active", "passive"], ["passive", "active"]] as const
  ) {
    for (const section of await answerTo("/whip/a", { ...publisher, setup })) {
      expect(section).toContain(`a=setup:${answered}`);
    }
  }
});

test("item 13: all candidates are in the answer, those of IPv4 and UDP first, and it says that there are no more", async () => {
  const [first] = await answerTo("/whip/a", publisher);
  const candidates = first.filter((line) => line.startsWith("a=candidate:")).map((line) => line.split(" "));
  const addresses = ["127.0.0.1", "192.0.2.7", "2001:db8::7"];
  expect(candidates.map((words) => [words[2], words[4]])).toEqual([
    ...addresses.map((address) => ["udp", address]),
    ...addresses.map((address) => ["tcp", address]),
  ]);
  expect(candidates.slice(0, 3).map((words) => isIPv4(words[4]))).toEqual([true, true, false]);
  for (const words of candidates) expect(words.slice(5, 8)).toEqual([String(server.udpPort), "typ", "host"]);
  expect(first).toContain("a=end-of-candidates");
});

test("item 13: the server is no ice-lite agent, it makes checks of its own", async () => {
  expect(await (await post("/whip/a", publisher)).text()).not.toContain("a=ice-lite");
});
