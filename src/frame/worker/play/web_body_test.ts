import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../../test/kit/virtual_clock.ts";
import { WebBody } from "./web_body.ts";

const bodyOf = (headers: Record<string, string>) => new WebBody({ headers }, new VirtualClock());

describe("what a web server says of a body", () => {
  test("is its length, and whether only the close of the connection ends it", () => {
    const told = (headers: Record<string, string>) => {
      const { hasLength, endsByClosing } = bodyOf(headers);
      return [hasLength, endsByClosing];
    };
    expect(told({ "content-length": "7" })).toEqual([true, false]);
    expect(told({ "transfer-encoding": "chunked" })).toEqual([false, false]);
    expect(told({})).toEqual([false, true]);
  });

  test("makes it a stream where it is a radio or a camera", () => {
    expect(bodyOf({ "icy-br": "128" }).isStream).toBe(true);
    expect(bodyOf({ "icy-br": "128", "content-length": "7" }).isStream).toBe(false);
    const camera = bodyOf({ "content-type": "multipart/x-mixed-replace; boundary=b", "content-length": "9" });
    expect([camera.isStream, camera.hasLength]).toEqual([true, false]);
    expect(bodyOf({ "content-type": "video/mp2t" }).isStream).toBe(false);
  });
});

/** Lets what is awaited go on, before and after. */
async function advance(clock: VirtualClock, ms: number): Promise<void> {
  for (let round = 0; round < 10; round++) await Promise.resolve();
  clock.advance(ms);
  for (let round = 0; round < 10; round++) await Promise.resolve();
}

describe("a body that comes", () => {
  const part = Uint8Array.of(1);

  test("counts how long the server was waited for once it had begun, and not those who take it", async () => {
    const clock = new VirtualClock();
    const body = new WebBody({ headers: {} }, clock);
    async function* sent() {
      for (let i = 0; i < 3; i++) {
        await new Promise<void>((resolve) => clock.after(100, resolve));
        yield part;
      }
    }
    const parts = body.watched(sent(), () => {});
    for (let i = 0; i < 3; i++) {
      const next = parts.next();
      await advance(clock, 100);
      expect((await next).value).toBe(part);
      await advance(clock, 1000);
    }
    expect((await parts.next()).done).toBe(true);
    expect(body.waitedMs).toBe(200);
  });

  test("is left when nothing has come of it for ten seconds, however long nobody asked for more", async () => {
    const clock = new VirtualClock();
    const body = new WebBody({ headers: {} }, clock);
    const broken = Promise.withResolvers<void>();
    async function* sent() {
      yield part;
      await broken.promise;
    }
    const parts = body.watched(sent(), () => broken.reject(new Error("silence")));
    await parts.next();
    await advance(clock, 60_000);
    const next = parts.next();
    let isLeft = false;
    next.catch(() => isLeft = true);
    await advance(clock, 9_900);
    expect(isLeft).toBe(false);
    await advance(clock, 200);
    expect(isLeft).toBe(true);
  });
});
