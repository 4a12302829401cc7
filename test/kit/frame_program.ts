import { createLog, systemClock } from "../../src/base/mod.ts";
import {
  type FramePool,
  openFramePool,
  type Program,
  type ProgramEvent,
  type ProgramSpec,
} from "../../src/frame/mod.ts";
import { FramePeer } from "./frame_peer.ts";
import { continueUntil } from "./until.ts";

/** A program in a real worker process with the test standing in for the packet plane. */
export interface ProgramUnderTest {
  pool: FramePool;
  program: Program;
  peer: FramePeer;
  events: ProgramEvent[];
  failures: { reason: string; restarting: boolean }[];
  opened: number[];
  close(): Promise<void>;
}

export async function openProgram(spec: ProgramSpec, mediaDir = "/tmp"): Promise<ProgramUnderTest> {
  const peer = await FramePeer.open();
  const pool = openFramePool({
    clock: systemClock,
    log: createLog("frame"),
    mediaDir,
    maxRssBytes: 1 << 30,
    spare: "never",
    hardware: true,
  });
  const events: ProgramEvent[] = [];
  const failures: { reason: string; restarting: boolean }[] = [];
  const opened: number[] = [];
  const program = pool.open("pipeline", spec, peer.port, {
    opened: (port) => {
      peer.programPort = port;
      opened.push(port);
    },
    event: (event) => {
      events.push(event);
      if (event.type === "stream") program.call("taken", { ssrc: event.ssrc }).catch(() => {});
    },
    failed: (reason, restarting) => failures.push({ reason, restarting }),
  });
  await continueUntil("the program to open", () => opened.length + failures.length > 0);
  const close = async () => {
    program.close();
    await pool.close();
    peer.close();
  };
  return { pool, program, peer, events, failures, opened, close };
}
