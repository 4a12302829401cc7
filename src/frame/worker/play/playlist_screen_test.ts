import { expect, test } from "vitest";
import { screened } from "./playlist_screen.ts";

/** What passes of a body that comes in pieces of so many bytes, or the kind of fault. */
async function passing(body: string, pieceBytes: number): Promise<string> {
  const bytes = new TextEncoder().encode(body);
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / pieceBytes) },
    (_, index) => bytes.slice(index * pieceBytes, (index + 1) * pieceBytes),
  );
  let passed = "";
  try {
    for await (const part of screened(ReadableStream.from(pieces))) passed += new TextDecoder().decode(part);
    return passed;
  } catch (error) {
    return `${passed}!${(error as { kind: string }).kind}`;
  }
}

test.each([1, 5, 7, 10_000])(
  "what is no playlist passes as it is, and so do playlists of the web (%i bytes each)",
  async (size) => {
    for (
      const body of [
        "",
        "#EXT",
        "a medium\ntcp://10.0.0.1:22\n",
        "#EXTM3V\ntcp://10.0.0.1:22\n",
        '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="key?a=b:c"\n#EXTINF:4.0,Crypto: a film\npiece.ts\n/at:root.ts?t=1:2\n',
        "#EXTM3U\r\nhttps://host:8080/piece.ts\r\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T10:00:00Z\r\nHTTP://host/b\r\n",
      ]
    ) expect(await passing(body, size)).toBe(body);
  },
);

test.each([
  "tcp://10.0.0.1:22",
  "tcp:10.0.0.1:22",
  "crypto+tcp://10.0.0.1:22",
  "#EXT-X-STREAM-INF:BANDWIDTH=1\r\ntls://10.0.0.1:22",
  "x.ts\0httpproxy://10.0.0.1:22/x",
  '#EXT-X-MEDIA:TYPE=AUDIO,URI="tcp://10.0.0.1:22"',
  "#EXT-X-MEDIA:TYPE=AUDIO,URI=tcp://10.0.0.1:22",
  '#EXT-X-MEDIA:NAME="URI=http://x",URI="\\t\\cp://10.0.0.1:22"',
  '#EXT-X-MAP:URI="file:///etc/passwd"',
])("nothing passes of a playlist that names %j", async (line) => {
  for (const size of [1, 9, 10_000]) {
    expect(await passing(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n${line}\n`, size)).toBe("!INVALID_URI");
  }
});
