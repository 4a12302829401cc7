import { defineConfig } from "vitest/config";

const realTime = [
  "test/{browser,interop,flow,bench}/**/*_test.ts",
  "test/contract/parity_test.ts",
  "test/kit/{chromium,*ffmpeg,libdatachannel}_test.ts",
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
          exclude: realTime,
          maxWorkers: 2,
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Media in real time and whole processes: one file at a time, when nothing else wants the processor.
        extends: true,
        test: {
          name: "real time",
          include: realTime,
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
