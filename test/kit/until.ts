/** Waits until something holds, looking every so often; fails after `limitMs` with what was waited for. */
export async function continueUntil(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 10_000,
  everyMs = 5,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!await holds()) {
    if (performance.now() > endMs) throw new Error(`Waited ${limitMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
