import { request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { leniently, strictHead } from "./answer_head.ts";

const head = (...lines: string[]) => lines.join("\r\n");

test.each([
  ["of HTTP", head("HTTP/1.1 200 OK", "A: b"), head("HTTP/1.1 200 OK", "A: b")],
  [
    "of Shoutcast",
    head("ICY 200 OK", "icy-br:64"),
    head("HTTP/1.0 200 OK", "icy-protocol: ICY", "icy-br: 64"),
  ],
  [
    "of Shoutcast that refuses",
    "ICY 401 Service Unavailable",
    head(
      "HTTP/1.0 401 Service Unavailable",
      "icy-protocol: ICY",
    ),
  ],
  ["with line feeds alone", "HTTP/1.0 200 OK\nA: b\nC: d", head("HTTP/1.0 200 OK", "A: b", "C: d")],
  ["of a version of its own", "HTTP/1.2 404 Not\x01here", "HTTP/1.1 404 Not here"],
  ["without a reason", "HTTP/1.1 200", "HTTP/1.1 200"],
  [
    "that goes on in the next line",
    head("HTTP/1.1 200 OK", "A: b", "  c"),
    head("HTTP/1.1 200 OK", "A: b c"),
  ],
  [
    "with what is no field",
    head("HTTP/1.1 200 OK", "Server : cam\x01\xe9", "nothing", "X Y: z", ": e"),
    head("HTTP/1.1 200 OK", "Server: cam \xe9"),
  ],
  ...["-1", "", "18446744073709551615", "12, 12", "1e3"].map((length) => [
    `with a length of "${length}"`,
    head("HTTP/1.1 200 OK", `Content-Length: ${length}`),
    "HTTP/1.1 200 OK",
  ]),
  [
    "with two lengths",
    head("HTTP/1.1 200 OK", "Content-Length: 7", "content-length: 8"),
    head("HTTP/1.1 200 OK", "Content-Length: 7"),
  ],
  [
    "with a length, and in chunks",
    head("HTTP/1.1 200 OK", "Content-Length: 7", "transfer-encoding: Chunked"),
    head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"),
  ],
  ["that is coded as it is", head("HTTP/1.1 200 OK", "Transfer-Encoding: identity"), "HTTP/1.1 200 OK"],
  ["that is none", "220 ftp.test ready", "220 ftp.test ready"],
])("the head %s is made one that a strict reader takes", (_name, text, expected) => {
  expect(strictHead(text)).toBe(`${expected}\r\n\r\n`);
});

const toEnd: (() => unknown)[] = [];
afterEach(() => toEnd.splice(0).forEach((end) => end()));

/** What a strict reader gets of what a server sends, each part as it arrives by itself. */
async function answerTo(parts: Uint8Array[]): Promise<{ status: number; type?: string; body: number[] }> {
  const server = createServer(async (socket) => {
    socket.setNoDelay(true).on("error", () => {});
    await new Promise((resolve) => socket.once("data", resolve));
    for (const part of parts) {
      await new Promise<void>((resolve) => socket.write(part, () => resolve()));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  toEnd.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const createConnection = () => leniently(connect(port, "127.0.0.1"));
  return await new Promise((resolve, reject) => {
    request({ port, createConnection }, async (answer) => {
      const body: number[] = [];
      for await (const part of answer) body.push(...part);
      resolve({ status: answer.statusCode!, type: answer.headers["content-type"], body });
    }).on("error", reject).end();
  });
}

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);

describe("by a socket", () => {
  test("what follows the head comes as it is, over any cut", async () => {
    const whole = [...bytesOf("ICY 200 OK\ncontent-type:audio/aacp\r\n\r\n"), ...everyByte];
    const expected = { status: 200, type: "audio/aacp", body: [...everyByte] };
    expect(await answerTo([Uint8Array.from(whole)])).toEqual(expected);
    expect(await answerTo(whole.map((byte) => Uint8Array.of(byte)))).toEqual(expected);
    // A second empty line is of the body.
    expect((await answerTo([bytesOf("HTTP/1.0 200 OK\r\n\r\n\r\n\r\nx")])).body.length).toBe(5);
  });

  test("an interim answer is passed over", async () => {
    const parts = [
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\n",
      "\nHTTP/1.1 404 No\r\n\r\nbody",
    ];
    expect(await answerTo(parts.map(bytesOf))).toMatchObject({ status: 404, body: [...bytesOf("body")] });
  });

  test.each([
    ["no answer of HTTP", "220 ftp.test ready\r\n"],
    ["a head that breaks off", "HTTP/1.1 200 OK\r\nA: b\r\n"],
    ["a head without an end", `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(12_000)}`],
  ])("%s is an error", async (_name, text) => {
    await expect(answerTo([bytesOf(text)])).rejects.toThrow();
  });
});
