import { expect, test } from "vitest";
import { NameClaim } from "./name_claim.ts";

const staying = () => false;
const taken = { kind: "RESOURCE_ERROR_OPEN", message: "Cannot write to /m/a.webm: another recorder does" };

test("a name is of the one who asked first, until it is released", async () => {
  const [first, second] = await Promise.allSettled([
    NameClaim.take("/m/a.webm", staying),
    NameClaim.take("/m/a.webm", staying),
  ]);
  expect(second).toMatchObject({ status: "rejected", reason: taken });
  const other = await NameClaim.take("/m/b.webm", staying);
  other.release();
  const claim = (first as PromiseFulfilledResult<NameClaim>).value;
  claim.release();
  const next = await NameClaim.take("/m/a.webm", staying);
  // Once more by the last one, which has it no longer.
  claim.release();
  await expect(NameClaim.take("/m/a.webm", staying)).rejects.toMatchObject(taken);
  next.release();
});

test("one that is ending is waited for, in the order of asking", async () => {
  const first = await NameClaim.take("/m/a.webm", () => true);
  const waiting = [NameClaim.take("/m/a.webm", staying), NameClaim.take("/m/a.webm", staying)];
  let isTaken = false;
  waiting[0].then(() => isTaken = true);
  const refused = expect(waiting[1]).rejects.toMatchObject(taken);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(isTaken).toBe(false);
  first.release();
  await refused;
  (await waiting[0]).release();
});
