import { expect, test } from "vitest";
import { RedirectWatch } from "./redirect_watch.ts";

const sees = (parts: string[]) => {
  const watch = new RedirectWatch();
  return parts.some((part) => watch.sees(new TextEncoder().encode(part)));
};

test("a Location field is seen over any cut, in any case, with carriage returns in it", () => {
  const text = "RTSP/1.0 302 Found\r\nLoCa\rTion: rtsp://host/\r\n\r\n";
  for (let cut = 0; cut < text.length; cut++) expect(sees([text.slice(0, cut), text.slice(cut)])).toBe(true);
  expect(sees([...text])).toBe(true);
  expect(sees(["llocation:"])).toBe(true);
  expect(sees(["locloCation:"])).toBe(true);
});

test("other answers pass", () => {
  expect(
    sees(["RTSP/1.0 200 OK\r\nContent-Base: rtsp://host/\r\n\r\nv=0\r\ns=location x:\r\na=control:*\r\n"]),
  ).toBe(false);
});
