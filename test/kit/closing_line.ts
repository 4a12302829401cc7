import process from "node:process";

/** What the reporter needs of vitest's test modules. */
export interface ReportedModule {
  children: { allTests(): Iterable<{ result(): { state: string } }> };
  errors(): readonly unknown[];
}

/**
 * Prints `N passed, N failed` (and `, N skipped`) as the very last line of a run, for those who read a log from its
 * end. A file that could not be loaded and an error outside of any test count as failed; the exit code is vitest's.
 */
export default class ClosingLine {
  onTestRunEnd(modules: readonly ReportedModule[], unhandledErrors: readonly unknown[]): void {
    const line = closingLine(modules, unhandledErrors.length);
    // At the end of the process: after the summary, and after what other reporters still have to say.
    process.once("exit", () => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`)));
  }
}

/** The line itself. */
export function closingLine(modules: readonly ReportedModule[], unhandledErrorCount: number): string {
  const states = modules.flatMap((module) =>
    [...module.children.allTests()].map((test) => test.result().state)
  );
  const count = (state: string) => states.filter((other) => other === state).length;
  const broken = modules.reduce((sum, module) => sum + module.errors().length, unhandledErrorCount);
  const skipped = count("skipped") + count("pending");
  const ending = skipped > 0 ? `, ${skipped} skipped` : "";
  return `${count("passed")} passed, ${count("failed") + broken} failed${ending}`;
}
