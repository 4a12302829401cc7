export { type Commit } from "./commit.ts";
export { type IdempotencyRows, type IdempotencyState, type StoredResponse } from "./idempotency.ts";
export { openStore, type Store } from "./store.ts";
