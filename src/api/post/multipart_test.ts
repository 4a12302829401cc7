import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { systemClock } from "../../base/mod.ts";
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
const file = (content: string, name = "; filename=a.webm", type = "video/webm") =>
  `--b\r\nContent-Disposition: form-data; name="f"${name}\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`;

test("a boundary is read from the content type of a form, quoted or not, and from nothing else", () => {
  expect(boundaryOf("multipart/form-data; boundary=abc")).toBe("abc");
  expect(boundaryOf('Multipart/Form-Data; charset=utf-8; Boundary="a b;c"')).toBe("a b;c");
  expect(boundaryOf("video/webm; boundary=abc")).toBeNull();
  expect(boundaryOf(null)).toBeNull();
  expect(() => boundaryOf("multipart/form-data")).toThrow("names no boundary");
});

describe.each([1, 2, 7, 10_000])("in pieces of %i bytes", (size) => {
  const open = (text: string) => openFilePart(pieces(encode(text), size), "b", systemClock);

  test("the first file is given, whatever stands around it", async () => {
    const content = "\r\n--\r\n-b\r\n--a content that looks like its end\r\n--";
    const form = `preamble\r\n${field("a", "1")}${file(content)}${field("c", "2")}${
      file("other")
    }--b--\r\nafter`;
    expect(await read(await open(form))).toEqual(encode(content));
  });

  test.each([
    ["without a name or bytes", file("", '; filename=""', "application/octet-stream")],
    ["without a name", file("bytes", '; filename=""')],
    [
      "without a name in another writing",
      file("bytes", "; filename=") + file("bytes", "; filename*=UTF-8''"),
    ],
    ["without bytes", file("") + file("", '; filename="b.webm"', "image/png")],
    ["of JSON", file('{"a":1}', '; filename="meta.json"', "application/json")],
    ["of text", file("a,b", '; filename="a.csv"', "Text/CSV; charset=utf-8")],
  ])("files %s are passed over", async (_title, before) => {
    expect(await read(await open(`${before}${file("media")}--b--`))).toEqual(encode("media"));
    await expect(open(`${before}--b--`)).rejects.toMatchObject({ code: "body_malformed" });
  });

  test.each([
    ["of video without a name", "", "video/webm"],
    ["of bytes", '; filename="a"', "application/octet-stream"],
    ["of pictures", "; filename*=UTF-8'de'%C3%BC.jpg", "image/jpeg"],
  ])("a file %s is taken", async (_title, name, type) => {
    expect(await read(await open(`${file("media", name, type)}--b--`))).toEqual(encode("media"));
  });

  test("a form that ends before its file does is broken", async () => {
    const half = async () => await read(await open(file("half").slice(0, -2)));
    await expect(half()).rejects.toThrow(
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
  expect(await read(await openFilePart(request.body!, boundary, systemClock))).toEqual(bytes);
});

test("no more of a form is read than is asked for", async () => {
  let pulled = 0;
  const head = encode(file("x".repeat(1000)).slice(0, -2));
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(pulled++ === 0 ? head : new Uint8Array(1000));
    },
  }, { highWaterMark: 0 });
  const reader = (await openFilePart(endless, "b", systemClock)).getReader();
  for (let count = 0; count < 10; count++) await reader.read();
  expect(pulled).toBeLessThan(12);
  await reader.cancel();
});

/** A body of these bytes, and then `after`. */
const bodyThen = (text: string, after: (controller: ReadableStreamDefaultController) => void) => {
  const bytes = [encode(text)];
  const cancelled = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = bytes.shift();
      if (next) controller.enqueue(next);
      else after(controller);
      return next ? undefined : new Promise(() => {});
    },
    cancel: () => cancelled.resolve(),
  }, { highWaterMark: 0 });
  return { body, cancelled: cancelled.promise };
};
const cutForms = [["nothing", ""], ["a field", field("a", "1")], [
  "the head of a file",
  file("x").split("x")[0],
]];

test.each(cutForms)("a client that leaves after %s is told of as its own doing", async (_title, form) => {
  const { body } = bodyThen(form, (controller) => controller.error(new Error("it went away")));
  await expect(openFilePart(body, "b", systemClock)).rejects.toMatchObject({ code: "body_malformed" });
});

test.each(cutForms)("a client that falls silent after %s is waited for no longer", async (_title, form) => {
  const clock = new VirtualClock();
  const { body, cancelled } = bodyThen(form, () => setTimeout(() => clock.advance(15_000), 0));
  await expect(openFilePart(body, "b", clock)).rejects.toMatchObject({ code: "body_stalled" });
  await cancelled;
});
