import { describe, expect, test } from "vitest";
import { createPageApp } from "./mod.ts";

const app = createPageApp();
const html = await (await app.request("/")).text();

/** Paths of ours that the page, or a script of it, asks for. */
function referencesIn(text: string): string[] {
  return [...text.matchAll(/(?:src|href)="([\w.]+\.(?:js|css))"|from "\.\/([\w.]+)"/g)].map((m) =>
    `/${m[1] ?? m[2]}`
  );
}

test("serves the page with a policy that lets nothing run but its own files", async () => {
  const response = await app.request("/");
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
  const policy = response.headers.get("Content-Security-Policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(html).not.toMatch(/ style="| on\w+="|<style|<script>/);
});

test("serves every file that the page and its scripts ask for, and keeps none from being renewed", async () => {
  const asked = new Set(referencesIn(html));
  for (const path of asked) {
    const response = await app.request(path);
    expect(response.status, path).toBe(200);
    expect(response.headers.get("Cache-Control")).toBe("no-cache");
    expect(response.headers.get("Content-Type")).toMatch(
      path.endsWith(".js") ? /^text\/javascript/ : /^text\/css/,
    );
    for (const next of referencesIn(await response.text())) asked.add(next);
  }
  expect(asked.size).toBe(6);
});

test("asks no other server for anything", async () => {
  for (
    const path of ["/", ...referencesIn(html), "/session.js", "/streams.js", "/addresses.js", "/capture.js"]
  ) {
    const text = await (await app.request(path)).text();
    expect(text.match(/https?:\/\/(?!www\.w3\.org|localhost)[a-z0-9]/g), path).toBeNull();
  }
});

describe("for people who do not see it", () => {
  test("each field has a label and each button a text", () => {
    const ids = [...html.matchAll(/<(?:input|select)\s[^>]*id="([\w-]+)"/g)].map((match) => match[1]);
    expect(ids.length).toBeGreaterThan(5);
    for (const id of ids) expect(html, id).toContain(`for="${id}"`);
    for (const [, text] of html.matchAll(/<button[^>]*>([^<]*)/g)) expect(text.trim()).not.toBe("");
  });

  test("states are announced, and problems at once", () => {
    expect(html).toMatch(/id="state" role="status"/);
    expect(html).toMatch(/id="problem" role="alert"/);
  });
});
