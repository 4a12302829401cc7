import { Hono } from "hono";
import { readFileSync } from "node:fs";

/** Path of each file of the page, and its media type. */
const files: Readonly<Record<string, { file: string; type: string }>> = {
  "/": { file: "index.html", type: "text/html; charset=utf-8" },
  "/page.css": { file: "page.css", type: "text/css; charset=utf-8" },
  ...Object.fromEntries(["page", "session", "capture", "streams", "addresses"].map(script)),
};

const headers = {
  // Only what this server serves itself may run or be asked; the blob: is a browser's name for a live stream.
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  // A page of yesterday must not speak to a server of today.
  "Cache-Control": "no-cache",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

function script(name: string): [string, { file: string; type: string }] {
  return [`/${name}.js`, { file: `${name}.js`, type: "text/javascript; charset=utf-8" }];
}

/** The page at /, where a person publishes and watches; its few files are read once. To be mounted at the root. */
export function createPageApp(): Hono {
  const app = new Hono();
  for (const [path, { file, type }] of Object.entries(files)) {
    const content = readFileSync(new URL(file, import.meta.url));
    app.get(path, (c) => c.body(content, 200, { ...headers, "Content-Type": type }));
  }
  return app;
}
