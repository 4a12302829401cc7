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
  "test/interop/ffmpeg_publishes_for_more_than_a_minute_test.ts",
  "test/interop/kurento_client_reconnects_test.ts",
];

/** Those that want a processor for a small part of their time, and measure nothing that another would spoil. */
const light = [
  "test/flow/{access,bad_input,certificates,dispatcher,endpoint_events,http_post,kurento}_*_test.ts",
  "test/flow/{media_by_tls,odd_calls,pass_through,pipelines,publisher,readme,rtp_endpoint,sigterm}*_test.ts",
  "test/flow/{live_source_returns,live_sources_by_tls,network_source,player_faults,player_seeks,recorder_faults,uploads,worker_memory}*_test.ts",
  "test/flow/{player_is_controlled,worker_that_stands_still_is_ended}_test.ts",
  "test/flow/{step_by_step,viewer,whip_item_19,whip_item_36,whip_items_08,whip_items_on,wrong}_*_test.ts",
  "test/flow/whip_items_31_to_33_and_39_in_a_browser_test.ts",
  "test/browser/{kurento_pages,page,recording_is_watched_where_it_was_made}_test.ts",
  "test/contract/parity_test.ts",
  "test/interop/{data,dtls,h265,kurento_client,libdatachannel,peer,rtp_endpoint,turn}_*_test.ts",
];

export default defineConfig({
  test: {
    pool: "forks",
    // What comes comes within milliseconds, but for a machine that is busy.
    expect: { poll: { timeout: 5000 } },
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
        extends: true,
        test: {
          name: "light",
          include: light,
          exclude: patient,
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Media in real time and whole processes: one file at a time, when nothing else wants the processor.
        extends: true,
        test: {
          name: "real time",
          include: realTime,
          exclude: [...patient, ...light],
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
