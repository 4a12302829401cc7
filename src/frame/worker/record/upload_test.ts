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
async function uploadTo(target: string, user = "") {
  await upload({
    path,
    place: {
      url: new URL(`http://${user}127.0.0.1:${server.port}${target}`),
      address: "127.0.0.1",
      family: 4,
    },
    contentType: "video/webm",
    credentials,
    clock: new VirtualClock(),
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
