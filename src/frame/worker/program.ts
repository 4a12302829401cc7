import type { Clock } from "../../base/mod.ts";
import type { ProgramEvent } from "../types.ts";
import type { Hardware } from "./hardware.ts";
import type { MediaReceiver, MediaSocket } from "./media_socket.ts";
import type { OwnThread } from "./own_thread.ts";

/** What a program is given by the worker that it runs in. */
export interface ProgramContext {
  clock: Clock;
  socket: MediaSocket;
  /** What decoders and encoders of this worker may use beside the processor. */
  hardware: Hardware;
  /** Where one encoder of this worker may work. */
  ownThread: OwnThread;
  /** CNAME of the RTCP of every stream of this worker. */
  cname: string;
  event(event: ProgramEvent): void;
  /** The program is over by itself. */
  end(reason: string): void;
  /** Awaits a step inside of FFmpeg. Nothing can interrupt one: a worker that hangs in it ends itself. */
  guarded<T>(step: Promise<T>): Promise<T>;
}

export interface RunningProgram extends MediaReceiver {
  /** Rejects with a `Refusal` for what it cannot do. */
  call(operation: string, input: Record<string, unknown>): Promise<unknown>;
  /** Ends streams with BYE and frees what FFmpeg holds, after the steps in work. */
  close(): Promise<void>;
}

/** What a caller did wrong, in a sentence for people. */
export class Refusal extends Error {
  override name = "Refusal";
}
