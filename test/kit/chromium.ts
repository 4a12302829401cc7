import { type Browser, chromium, type Page } from "playwright-core";

/** Codecs by the names that browsers use in mimeType. */
export type BrowserCodec = "VP8" | "VP9" | "H264" | "AV1";

export interface BrowserPublishOptions {
  whipUrl: string;
  codec: BrowserCodec;
  width: number;
  height: number;
  frameRate: number;
  maxBitrateBps: number;
  /** Simulcast (RFC 8853) in place of the one encoding of `maxBitrateBps`: RTCRtpEncodingParameters of each layer. */
  layers?: { rid: string; scaleResolutionDownBy: number; maxBitrate: number }[];
  audio: boolean;
  /**
   * "camera" is Chromium's fake device; "noise" a canvas with so much detail that any bitrate is used up; "chart" fields of
   * known grey that `chartError` compares with.
   */
  source: "camera" | "noise" | "chart";
}

/** One RTCPeerConnection's figures; names as in W3C webrtc-stats. Those of the other direction are 0. */
export interface BrowserStats {
  /** performance.now() of the page. */
  atMs: number;
  connectionState: string;
  /** e.g. video/VP8. */
  codec: string;
  framesDecoded: number;
  framesDropped: number;
  freezeCount: number;
  frameWidth: number;
  frameHeight: number;
  bytesReceived: number;
  packetsLost: number;
  nackCount: number;
  pliCount: number;
  totalAudioEnergy: number;
  framesEncoded: number;
  bytesSent: number;
  targetBitrateBps: number;
  qualityLimitationReason: string;
  availableOutgoingBitrateBps: number;
  roundTripTime: number;
  /** From the POST (or the offer, in loopback) to the first painted picture; null before. */
  timeToFirstFrameMs: number | null;
}

/** One session of a page. */
export interface BrowserSession {
  stats(): Promise<BrowserStats>;
  /** What is on the screen now: 32 × 18 grey values. */
  pixels(): Promise<number[]>;
  /** Ends it by DELETE (status returned, 0 in loopback) and closes the connection. */
  close(): Promise<number>;
}

const candidates = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const switches = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--allow-loopback-in-peer-connection",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/** Path of a Chromium: `CHROMIUM` when set, else where distributions put it; null when there is none. */
export function findChromium(): string | null {
  const named = Deno.env.get("CHROMIUM");
  return [...(named ? [named] : []), ...candidates].find(isFile) ?? null;
}

/**
 * True when browser tests can run. Otherwise says so in one line on stderr that nobody overlooks;
 * use as `describe.skipIf(!chromiumIsThere())`, so that they count as skipped.
 */
export function chromiumIsThere(): boolean {
  if (findChromium()) return true;
  const line =
    "!!! BROWSER TESTS LEFT OUT: no Chromium found (apt-get install chromium, or set CHROMIUM=/path) !!!\n";
  Deno.stderr.writeSync(new TextEncoder().encode(line));
  return false;
}

/** A headless Chromium with a fake camera and microphone that may use loopback for WebRTC. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Error("Cannot launch a browser: no Chromium found, install it or set CHROMIUM");
  }
  return chromium.launch({ executablePath, args: switches });
}

/** A page of its own profile that carries the kit, and scripts beside it. `url` must be a secure context (http://127.0.0.1 is). */
export async function openPage(browser: Browser, url: string, scripts: string[] = []): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  for (const script of ["./chromium_page.js", ...scripts]) {
    await page.addInitScript({ path: new URL(script, import.meta.url).pathname });
  }
  await page.goto(url);
  return page;
}

/** Publishes by WHIP from the page; resolves when the answer is applied. */
export async function publish(page: Page, options: BrowserPublishOptions): Promise<BrowserSession> {
  return sessionOf(page, Number(await call(page, "publish", options)));
}

/** Watches by WHEP in a video element of the page, taking one codec alone where it is named; resolves when the answer is applied. */
export async function watch(
  page: Page,
  options: { whepUrl: string; codec?: BrowserCodec },
): Promise<BrowserSession> {
  return sessionOf(page, Number(await call(page, "watch", options)));
}

/** Publisher and viewer in one page without a server: what this Chromium can do by itself. */
export async function loopback(
  page: Page,
  options: Omit<BrowserPublishOptions, "whipUrl">,
): Promise<{ publisher: BrowserSession; viewer: BrowserSession }> {
  const { publisher, viewer } = await call(page, "loopback", options) as {
    publisher: number;
    viewer: number;
  };
  return { publisher: sessionOf(page, publisher), viewer: sessionOf(page, viewer) };
}

/** Polls the stats until `accept` likes them; throws with the last ones after `timeoutMs`. */
export async function until(
  session: BrowserSession,
  what: string,
  accept: (stats: BrowserStats) => boolean,
  timeoutMs = 10_000,
): Promise<BrowserStats> {
  const deadlineMs = performance.now() + timeoutMs;
  while (true) {
    const stats = await session.stats();
    if (accept(stats)) return stats;
    if (performance.now() > deadlineMs) {
      throw new Error(`Cannot see ${what} within ${timeoutMs} ms: ${JSON.stringify(stats)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Mean difference per pixel (0 … 255) between what is on the screen now and within `afterMs`: the largest of several
 * moments, as Chromium's camera shows the same again after each second.
 */
export async function pixelChange(session: BrowserSession, afterMs: number): Promise<number> {
  const before = await session.pixels();
  let largest = 0;
  for (let moment = 0; moment < PIXEL_MOMENTS; moment++) {
    await new Promise((resolve) => setTimeout(resolve, afterMs / PIXEL_MOMENTS));
    const after = await session.pixels();
    const change = before.reduce((sum, value, i) => sum + Math.abs(value - after[i]), 0) / before.length;
    largest = Math.max(largest, change);
  }
  return largest;
}

const PIXEL_MOMENTS = 4;

/** Mean difference per pixel (0 … 255) between the screen and the chart that was published, inside of its fields. */
export async function chartError(session: BrowserSession): Promise<number> {
  const pixels = await session.pixels();
  // Of 32 × 18 pixels each field has 4 × 6; the outermost mix with the neighbours.
  const inner = pixels.flatMap((value, i) => {
    const [x, y] = [i % 32, Math.floor(i / 32)];
    const isInner = x % 4 > 0 && x % 4 < 3 && y % 6 > 0 && y % 6 < 5;
    return isInner ? [Math.abs(value - greyOf(Math.floor(x / 4), Math.floor(y / 6)))] : [];
  });
  return inner.reduce((sum, value) => sum + value, 0) / inner.length;
}

/** What chromium_page.js draws. */
const greyOf = (column: number, row: number) => 32 + 24 * ((column * 3 + row * 5) % 8);

/** The session of this number in the page's kit. */
export function sessionOf(page: Page, index: number): BrowserSession {
  return {
    stats: () => call(page, "stats", index) as Promise<BrowserStats>,
    pixels: () => call(page, "pixels", index) as Promise<number[]>,
    close: () => call(page, "close", index) as Promise<number>,
  };
}

/** As text: a function would reach the page as the test runner has rewritten it. */
function call(page: Page, name: string, argument: unknown): Promise<unknown> {
  return page.evaluate(`kit.${name}(${JSON.stringify(argument)})`);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
