import { describe, expect, test } from "vitest";
import { boundaryOf, openFilePart } from "./multipart.ts";

const encode = (text: string) => new TextEncoder().encode(text);
/** The bytes in pieces of this size. */
function pieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
}
const read = async (stream: ReadableStream<Uint8Array>) =>
  new Uint8Array(await new Response(stream as BodyInit).arrayBuffer());
const field = (name: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (content: string, disposition = 'form-data; name="f"; filename="a.webm"') =>
  `--b\r\nContent-Disposition: ${disposition}\r\nContent-Type: video/webm\r\n\r\n${content}\r\n`;

test("a boundary is read from the content type of a form, quoted or not, and from nothing else", () => {
  expect(boundaryOf("multipart/form-data; boundary=abc")).toBe("abc");
  expect(boundaryOf('Multipart/Form-Data; charset=utf-8; Boundary="a b;c"')).toBe("a b;c");
  expect(boundaryOf("video/webm; boundary=abc")).toBeNull();
  expect(boundaryOf(null)).toBeNull();
  expect(() => boundaryOf("multipart/form-data")).toThrow("names no boundary");
});

describe.each([1, 2, 7, 10_000])("in pieces of %i bytes", (size) => {
  const open = (text: string) => openFilePart(pieces(encode(text), size), "b");

  test("the first file is given, whatever stands around it", async () => {
    const content = "\r\n--\r\n-b\r\n--a content that looks like its end\r\n--";
    const form = `preamble\r\n${field("a", "1")}${file(content)}${field("c", "2")}${
      file("other")
    }--b--\r\nafter`;
    expect(await read(await open(form))).toEqual(encode(content));
  });

  test("an empty file is empty", async () => {
    expect(await read(await open(`${file("")}--b--`))).toEqual(new Uint8Array());
  });

  test("a form that ends before its file does is broken", async () => {
    await expect(read(await open(file("half").slice(0, -2)))).rejects.toThrow(
      "ends before its last boundary",
    );
  });

  test.each([
    ["no file", `${field("a", "1")}--b--`],
    ["no part", "--b--"],
    ["nothing", ""],
    ["no boundary", "just text"],
    ["a header without an end", `--b\r\nContent-Disposition: ${"x".repeat(20_000)}`],
  ])("%s is refused", async (_title, form) => {
    await expect(open(form)).rejects.toMatchObject({ code: "body_malformed" });
  });
});

test("browsers' own forms are read, bytes and all", async () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index * 7 + (index >> 8));
  const form = new FormData();
  form.append("name", "ä\r\n");
  form.append("clip", new Blob([bytes]), 'a "b".webm');
  const request = new Request("http://x/", { method: "POST", body: form });
  const boundary = boundaryOf(request.headers.get("Content-Type"))!;
  expect(await read(await openFilePart(request.body!, boundary))).toEqual(bytes);
});

test("no more of a form is read than is asked for", async () => {
  let pulled = 0;
  const head = encode(file("x".repeat(1000)).slice(0, -2));
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(pulled++ === 0 ? head : new Uint8Array(1000));
    },
  }, { highWaterMark: 0 });
  const reader = (await openFilePart(endless, "b")).getReader();
  for (let count = 0; count < 10; count++) await reader.read();
  expect(pulled).toBeLessThan(12);
  await reader.cancel();
});
