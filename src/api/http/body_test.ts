import { expect, test } from "vitest";
import { readBody } from "./body.ts";

function post(body: BodyInit, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/", { method: "POST", body, headers });
}

test("a body is read as UTF-8, up to the last byte that is allowed", async () => {
  expect(await readBody(post("grün"), 5)).toBe("grün");
  await expect(readBody(post("grün!"), 5)).rejects.toMatchObject({ code: "body_too_large" });
});

test("a request without a body reads as nothing", async () => {
  expect(await readBody(new Request("http://localhost/"), 5)).toBe("");
});

test("a length that is announced too large is refused before a byte is read", async () => {
  let pulled = 0;
  const body = new ReadableStream({ pull: () => void pulled++ }, { highWaterMark: 0 });
  const request = post(body, { "Content-Length": "9999" });
  await expect(readBody(request, 100)).rejects.toMatchObject({ code: "body_too_large" });
  expect(pulled).toBe(0);
});

test("an endless body is read no further than its limit, and cancelled", async () => {
  let pulled = 0;
  let cancelled = false;
  const body = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1000));
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  await expect(readBody(post(body), 10_000)).rejects.toMatchObject({ code: "body_too_large" });
  expect(pulled).toBeLessThan(15);
  expect(cancelled).toBe(true);
});

test("bytes that are no UTF-8 are refused", async () => {
  await expect(readBody(post(new Uint8Array([0x22, 0xff, 0x22])), 5)).rejects.toMatchObject({
    code: "body_malformed",
  });
});
