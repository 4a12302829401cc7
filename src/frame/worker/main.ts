/**
 * A frame worker: the process that holds FFmpeg. Hears commands on standard input, one JSON object per line, and ends
 * with it, so that no worker outlives the server.
 */
import { AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";
import { systemClock } from "../../base/mod.ts";
import { openNative } from "../../native/mod.ts";
import { LineSplitter, readMessage, writeMessage } from "../lines.ts";
import type { WorkerCommand, WorkerMessage } from "../types.ts";
import { Hardware } from "./hardware.ts";
import { Programs } from "./programs.ts";
import { startProgram } from "./start_program.ts";

/** Standard input has ended: so long may the streams take to say BYE. */
const CLOSE_LIMIT_MS = 1000;
const ALIVE_PERIOD_MS = 1000;

Log.setLevel(AV_LOG_QUIET);
const [planeAddress, ...ways] = Deno.args;
const native = openNative(ways.includes("portable") ? "portable" : undefined);
const hardware = new Hardware(ways.includes("hardware"));
hardware.lookAround();
const programs = new Programs({
  native,
  planeAddress,
  clock: systemClock,
  hardware,
  send,
  start: startProgram,
  hung: () => Deno.exit(3),
});

function send(message: WorkerMessage): void {
  const line = writeMessage(message);
  for (let at = 0; at < line.length;) at += Deno.stdout.writeSync(line.subarray(at));
}

send({ on: "ready" });
systemClock.every(ALIVE_PERIOD_MS, () => send({ on: "alive" }));
const lines = new LineSplitter();
for await (const chunk of Deno.stdin.readable) {
  for (const line of lines.push(chunk)) {
    const command = readMessage<WorkerCommand>(line);
    if (command) programs.perform(command);
  }
}
systemClock.after(CLOSE_LIMIT_MS, () => Deno.exit(3));
await programs.close();
Deno.exit(0);
