import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../base/mod.ts";
import { type BodyListener, listenForBodies } from "./listener.ts";

let listener: BodyListener;
/** How each body ended, by its path. */
const ends = new Map<string, PromiseWithResolvers<string>>();
const endOf = (path: string) => {
  const known = ends.get(path) ?? Promise.withResolvers<string>();
  ends.set(path, known);
  return known;
};

beforeAll(async () => {
  listener = await listenForBodies({ hostname: "127.0.0.1", port: 0 }, systemClock, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/refused") return new Response("another sends", { status: 409 });
    let length = 0;
    try {
      for await (const bytes of request.body ?? []) {
        length += bytes.length;
        if (pathname.startsWith("/slow")) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      endOf(pathname).resolve(`whole ${length}`);
    } catch (error) {
      endOf(pathname).resolve(`${error instanceof Error ? error.message : error} ${length}`);
    }
    return new Response(null, { status: 204 });
  });
});
afterAll(() => listener.close());

const CHUNK = 50_000;
const CHUNKS = 20;
const chunk = `${CHUNK.toString(16)}\r\n${"x".repeat(CHUNK)}\r\n`;

function open(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(listener.port, "127.0.0.1", () => resolve(socket));
    socket.on("error", () => {});
  });
}

/** Sends a chunked body with this ending, all at once, and reads nothing. */
async function send(path: string, ending: string): Promise<Socket> {
  const socket = await open();
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
  await new Promise((resolve) => socket.write(head + chunk.repeat(CHUNKS) + ending, resolve));
  return socket;
}

test.each(["/at-once", "/slowly"])(
  "a client that closes without waiting for the answer has its body read to the end, %s",
  async (path) => {
    const socket = await send(path, "0\r\n\r\n");
    socket.destroySoon();
    expect(await endOf(path).promise).toBe(`whole ${CHUNK * CHUNKS}`);
  },
);

test.each([["between two chunks", ""], ["in a chunk", "c350\r\nxyz"]])(
  "one that goes away %s has not sent all, and what came is read first",
  async (where, ending) => {
    const path = `/slow/${where.replaceAll(" ", "-")}`;
    const socket = await send(path, ending);
    socket.destroySoon();
    const length = CHUNK * CHUNKS + (ending === "" ? 0 : 3);
    expect(await endOf(path).promise).toMatch(new RegExp(`went away before the end of its body ${length}$`));
  },
);

test("one that breaks off has not sent all", async () => {
  const socket = await send("/reset", "");
  socket.resetAndDestroy();
  expect(await endOf("/reset").promise).toContain("went away before the end of its body");
});

test("the answer to a body that is not wanted is seen by who is still sending it", async () => {
  const socket = await send("/refused", "");
  const answer = await new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (bytes) => text += bytes);
    socket.on("close", () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 409 /);
  expect(answer).toContain("another sends");
});

test("who waits for the answer is told that the body was read, with and without its length", async () => {
  const url = `http://127.0.0.1:${listener.port}/fetched`;
  expect((await fetch(url, { method: "PUT", body: "media" })).status).toBe(204);
  expect(await endOf("/fetched").promise).toBe("whole 5");
  expect((await fetch(`${url}-empty`, { method: "POST" })).status).toBe(204);
  expect(await endOf("/fetched-empty").promise).toBe("whole 0");
});

test("a request may say the whole URL, as those for a proxy do", async () => {
  const socket = await send("http://media.example:9091/whole?a=b", "0\r\n\r\n");
  expect(await endOf("/whole").promise).toBe(`whole ${CHUNK * CHUNKS}`);
  socket.destroy();
});

test("what is no request of the web is refused, and a taken port is told", async () => {
  const socket = await open();
  socket.write("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n");
  const answer = await new Promise<string>((resolve) => socket.once("data", (bytes) => resolve(`${bytes}`)));
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  socket.destroy();
  const place = { hostname: "127.0.0.1", port: listener.port };
  await expect(listenForBodies(place, systemClock, () => new Response())).rejects.toThrow(/in use/i);
});
