import { defineConfig } from "vitest/config";

/** Browsers, and what is measured against the clock: one file at a time, when nothing else wants the processor. */
const alone = [
  "test/{browser,bench}/**/*_test.ts",
  "test/flow/{*in_a_browser,latency_*,clip_goes_*}_test.ts",
  "test/interop/latency_*_test.ts",
  "test/kit/chromium_test.ts",
];

/** Whole processes and media that is waited for: two files at a time leave no core idle. */
const media = [
  "test/{interop,flow}/**/*_test.ts",
  "test/contract/parity_test.ts",
  "test/kit/{*ffmpeg,libdatachannel}_test.ts",
];

export default defineConfig({
  test: {
    pool: "forks",
    reporters: ["default", "./test/kit/closing_line.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*_test.ts", "test/**/*_test.ts"],
          exclude: [...media, ...alone],
          maxWorkers: 2,
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "media",
          include: media,
          exclude: alone,
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
