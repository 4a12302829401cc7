import { expect, test } from "vitest";
import { CookieJar, type CookiePlace } from "./cookie_jar.ts";

const place = (host: string, path = "/", isSecure = false): CookiePlace => ({ host, path, isSecure });

/** What goes to the places after one has set these. */
function fieldsAfter(set: string[], from: CookiePlace, to: CookiePlace[]): string[] {
  const jar = new CookieJar(() => Date.UTC(2026, 0, 1));
  jar.keep(set, from);
  return to.map((each) => jar.fieldsFor(each).join());
}

test("a cookie goes back to its host alone, or to the domain that it names", () => {
  const hosts = ["a.site.test", "b.a.site.test", "b.site.test", "site.test", "other.test", "evilsite.test"];
  const gets = (cookie: string) =>
    fieldsAfter([cookie], place("a.site.test"), hosts.map((host) => place(host))).map((field) =>
      field !== ""
    );
  expect(gets("n=v")).toEqual([true, false, false, false, false, false]);
  expect(gets("n=v; Domain=.Site.test")).toEqual([true, true, true, true, false, false]);
  expect(gets("n=v; domain=other.test")).toEqual([false, false, false, false, false, false]);
  expect(gets("n=v; domain=test")).toEqual([false, false, false, false, false, false]);
  expect(fieldsAfter(["n=v; domain=0.0.1"], place("127.0.0.1"), [place("127.0.0.1")])).toEqual([""]);
});

test("a cookie goes to its path and below, the nearest first", () => {
  const to = ["/", "/films", "/films/a?b=/c", "/filmstar"].map((path) => place("h.test", path));
  expect(fieldsAfter(["n=v; Path=/films", "all=1; path=/"], place("h.test"), to)).toEqual([
    "Cookie: all=1",
    ...["Cookie: n=v; all=1", "Cookie: n=v; all=1", "Cookie: all=1"],
  ]);
  // Where it names none, that is the folder of what was asked for.
  expect(fieldsAfter(["n=v"], place("h.test", "/films/list.m3u8?x=/y/z"), to)).toEqual([
    "",
    ...["Cookie: n=v", "Cookie: n=v", ""],
  ]);
});

test("a secure cookie goes by TLS alone", () => {
  const to = [place("h.test"), place("h.test", "/", true)];
  expect(fieldsAfter(["n=v; Secure; HttpOnly"], place("h.test", "/", true), to)).toEqual(["", "Cookie: n=v"]);
});

test("a later one takes the place of one before, and what is over is gone", () => {
  const after = (...set: string[]) => fieldsAfter(set, place("h.test"), [place("h.test")])[0];
  expect(after("n=1", "m=2", "n=3")).toBe("Cookie: m=2; n=3");
  expect(after("n=1", "n=; Max-Age=0")).toBe("");
  expect(after("n=1", "n=; Expires=Thu, 01 Jan 1970 00:00:00 GMT")).toBe("");
  expect(after("n=1; Expires=Fri, 01 Jan 2027 00:00:00 GMT")).toBe("Cookie: n=1");
  expect(after("n=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT")).toBe("Cookie: n=1");
});

test("what is no cookie, or too long, is left out, and of too many the latest are kept", () => {
  expect(fieldsAfter(["", "=v", ";a=b", "n", `n=${"v".repeat(5000)}`], place("h.test"), [place("h.test")]))
    .toEqual([""]);
  const many = Array.from({ length: 80 }, (_, index) => `n${index}=v`);
  const [field] = fieldsAfter(many, place("h.test"), [place("h.test")]);
  expect(field.split("; ").length).toBe(50);
  expect(field).toContain("n79=v");
});
