import { defineConfig } from "vitest/config";

const realTime = [
  "test/{browser,interop,flow,bench}/**/*_test.ts",
  "test/contract/parity_test.ts",
  "test/kit/{chromium,*ffmpeg,libdatachannel}_test.ts",
];

/** Those of them that mostly wait for a time to run out: they disturb nobody, and nothing is measured in them. */
const patient = [
  "test/flow/whip_items_37_38_reaping_test.ts",
  "test/flow/whip_item_39_counter_offer_test.ts",
  "test/flow/kurento_client_that_vanishes_is_collected_test.ts",
  "test/flow/kurento_objects_come_and_go_without_a_trace_test.ts",
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
        extends: true,
        test: {
          name: "patient",
          include: patient,
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Media in real time and whole processes: one file at a time, when nothing else wants the processor.
        extends: true,
        test: {
          name: "real time",
          include: realTime,
          exclude: patient,
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
