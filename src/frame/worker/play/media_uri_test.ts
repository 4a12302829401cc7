import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readMediaUri, writeMediaUri } from "./media_uri.ts";

let mediaDir = "";
beforeAll(async () => {
  mediaDir = await Deno.makeTempDir();
});
afterAll(() => Deno.remove(mediaDir, { recursive: true }));

const read = (uri: string) =>
  readMediaUri(uri, {
    allowedSchemes: ["file", "http", "https", "rtsp", "srt"],
    mediaDir,
    allowPrivateHosts: false,
  });
const url = (uri: string) => writeMediaUri(read(uri));

describe("a network URI", () => {
  test.each([
    ["http://host/path?query=1#part", "http://host/path?query=1#part"],
    ["HTTP://HOST/Path", "http://host/Path"],
    ["rtsp://user:pass@host:554/cam/1", "rtsp://user:pass@host:554/cam/1"],
    ["rtsp://user@host/cam", "rtsp://user@host/cam"],
    ["rtsp://user:p@ss@host/cam", "rtsp://user:p%40ss@host/cam"],
    ["rtsp://us er:a:b#c%@host/cam", "rtsp://us%20er:a%3Ab%23c%25@host/cam"],
    ["rtsp://user:p%40ss@host/cam", "rtsp://user:p%40ss@host/cam"],
    ["rtsp://user:pa/ss?wo@host:1/cam", "rtsp://user:pa%2Fss%3Fwo@host:1/cam"],
    ["rtsp://user:pässwört@host", "rtsp://user:p%C3%A4ssw%C3%B6rt@host"],
    ["http://host/@scope/a@2x.mp4", "http://host/@scope/a@2x.mp4"],
    ["http://host:8080/mail@host", "http://host:8080/mail@host"],
    ["http://host/ein Film ä.mp4", "http://host/ein%20Film%20%C3%A4.mp4"],
    ["http://host/%2e%2F%20", "http://host/%2e%2F%20"],
    ["http://host/a\r\nHost: evil", "http://host/a%0D%0AHost:%20evil"],
    ["http://[2001:db8::1]:81/x", "http://[2001:db8::1]:81/x"],
    ["http://0x7f.1/x", "http://127.0.0.1/x"],
    ["http://bücher.test/", "http://xn--bcher-kva.test/"],
    ["srt://host:9000?mode=caller", "srt://host:9000?mode=caller"],
  ])("%j is %j to FFmpeg", (uri, expected) => {
    expect(url(uri)).toBe(expected);
  });

  test.each([
    ...["", "host/path", "http:/host", "http:///path", "http://user@/path", "http://:80/", "http://host:0/"],
    ...[
      "http://host:65536/",
      "http://ho st/",
      "http://[::1/",
      "http://host:port/",
      "srt://host",
      "ftp://host/x",
    ],
    ...["concat:http://host/", "toString://host/", "http://a%00b/"],
  ])("%j is INVALID_URI", (uri) => {
    expect(() => read(uri)).toThrow(expect.objectContaining({ kind: "INVALID_URI" }));
  });
});

test.each([
  "user:secret@host/x",
  "user:sec@ret/secret@host/x?key=secret",
  "http:/user:secret@host/x",
  "file://user:secret@host/x",
  "file:///user:secret@host/x",
  "file:///rtsp://user:secret@host/x",
  "user:secret@http://host/x",
  "gopher://user:secret@host/x",
  "http://user:secret@:0/x",
])("what may be a password is not in the sentence on %j", (uri) => {
  let sentence = "";
  try {
    read(uri);
  } catch (error) {
    sentence = (error as Error).message;
  }
  expect(sentence).toMatch(/^Cannot play /);
  expect(sentence).not.toMatch(/sec|ret/);
});

describe("a file", () => {
  test.each([
    ["plain.mp4", "plain.mp4"],
    ["a b & c #1?.mp4", "a b & c #1?.mp4"],
    ["100%.mp4", "100%.mp4"],
    ["with%20space.mp4", "with space.mp4"],
    ["real%41name.mp4", "real%41name.mp4"],
  ])("may be written as %j", async (written, name) => {
    await Deno.writeTextFile(`${mediaDir}/${name}`, "");
    expect(url(`file://${mediaDir}/${written}`)).toBe(`${await Deno.realPath(mediaDir)}/${name}`);
    expect(url(`file://localhost${mediaDir}/${written}`)).toBe(`${await Deno.realPath(mediaDir)}/${name}`);
  });

  test("that is not there is RESOURCE_ERROR_OPEN below the folder, and INVALID_URI elsewhere", () => {
    const kindOf = (uri: string) => {
      try {
        return read(uri).path;
      } catch (error) {
        return (error as { kind: string }).kind;
      }
    };
    expect(kindOf(`file://${mediaDir}/none.mp4`)).toBe("RESOURCE_ERROR_OPEN");
    expect(kindOf(`file://${mediaDir}/../none.mp4`)).toBe("INVALID_URI");
    expect(kindOf("file:///none.mp4")).toBe("INVALID_URI");
    expect(kindOf("file:///etc/passwd")).toBe("INVALID_URI");
    expect(kindOf(`file://${mediaDir}`)).toBe("INVALID_URI");
  });
});
