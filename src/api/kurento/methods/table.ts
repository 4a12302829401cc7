import type { Method } from "../method.ts";
import { closeSession } from "./close_session.ts";
import { connect } from "./connect.ts";
import { create } from "./create.ts";
import { describe } from "./describe.ts";
import { invoke } from "./invoke.ts";
import { keepAlive } from "./keep_alive.ts";
import { ping } from "./ping.ts";
import { ref, unref } from "./ref.ts";
import { release } from "./release.ts";
import { subscribe, unsubscribe } from "./subscribe.ts";
import { transaction } from "./transaction.ts";

/** Every method of the protocol, by its name. */
export const methods: Readonly<Record<string, Method>> = {
  closeSession,
  connect,
  create,
  describe,
  invoke,
  keepAlive,
  ping,
  ref,
  release,
  subscribe,
  transaction,
  unref,
  unsubscribe,
};
