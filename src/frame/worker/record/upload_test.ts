import { afterEach, beforeEach, expect, test } from "vitest";
import { isSigned, UploadServer } from "../../../../test/kit/upload_server.ts";
import { VirtualClock } from "../../../../test/kit/virtual_clock.ts";
import { upload } from "./upload.ts";

const credentials = { accessKeyId: "AKID", secretAccessKey: "secret/+", region: "eu-north-1" };
let server: UploadServer;
let path: string;
beforeEach(async () => {
  server = await UploadServer.open();
  path = Deno.makeTempFileSync();
  Deno.writeTextFileSync(path, "a recording");
});
afterEach(async () => {
  await server.close();
  Deno.removeSync(path);
});

/** What came of an upload to a path with what follows it, where the server has keys for S3. */
async function uploadTo(target: string, user = "", clock = new VirtualClock()) {
  await upload({
    path,
    place: {
      url: new URL(`http://${user}127.0.0.1:${server.port}${target}`),
      address: "127.0.0.1",
      family: 4,
    },
    contentType: "video/webm",
    credentials,
    clock,
    progress: () => {},
  });
  return server.uploads.at(-1)!;
}

test("where there are keys, a plain URL is signed", async () => {
  expect(isSigned(await uploadTo("/bucket/a.webm?versionId=1"), credentials)).toBe(true);
});

test("the user of a URL goes before the keys", async () => {
  const { headers } = await uploadTo("/a.webm", "me:p%40ss@");
  expect(headers.authorization).toBe(`Basic ${btoa("me:p@ss")}`);
  expect(Object.keys(headers).filter((name) => name.startsWith("x-amz"))).toEqual([]);
});

test.each([
  "X-Amz-Signature=ab&X-Amz-Date=c",
  "AWSAccessKeyId=a&Signature=b",
  "X-Goog-Signature=a",
  "sv=1&sig=b",
])(
  "a URL that was signed beforehand is sent as it is: %s",
  async (query) => {
    const { path, headers, body } = await uploadTo(`/bucket/a.webm?${query}`);
    expect(path).toBe(`/bucket/a.webm?${query}`);
    expect(headers.authorization).toBeUndefined();
    expect(headers["x-amz-content-sha256"]).toBeUndefined();
    expect(new TextDecoder().decode(body)).toBe("a recording");
  },
);

/** Until the server has had so many requests, and who sends has set the clock for the next one. */
async function sent(count: number, clock: VirtualClock): Promise<void> {
  await expect.poll(() => [server.uploads.length, clock.pending], { timeout: 5000 }).toEqual([count, 1]);
}

test.each([
  ["7", 7000],
  [new Date(new VirtualClock().now() + 40_000).toUTCString(), 40_000],
  ["soon", 500],
])("a server that says when to come again is heeded: %s", async (retryAfter, delayMs) => {
  const clock = new VirtualClock();
  server.answers.push(503);
  server.retryAfter = retryAfter;
  const done = uploadTo("/a.webm", "", clock);
  await sent(1, clock);
  clock.advance(delayMs - 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(server.uploads.length).toBe(1);
  clock.advance(1);
  await done;
  expect(server.uploads.length).toBe(2);
});

test.each([[403, null], [307, null], [503, "61"]])(
  "what is refused for longer is not sent again from here: %s, %s",
  async (status, retryAfter) => {
    server.answers.push(status);
    server.retryAfter = retryAfter;
    await expect(uploadTo("/a.webm")).rejects.toThrow(`the server answered ${status}`);
    expect(server.uploads.length).toBe(1);
  },
);

test("a request that took the server too long is sent again", async () => {
  const clock = new VirtualClock();
  server.answers.push(408);
  const done = uploadTo("/a.webm", "", clock);
  await sent(1, clock);
  clock.advance(500);
  await done;
});
