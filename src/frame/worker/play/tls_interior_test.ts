import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { makeDoorIdentity } from "./door_identity.ts";
import { LocalDoor } from "./local_door.ts";
import { TlsInterior } from "./tls_interior.ts";

let door: LocalDoor;
let client: TLSSocket | null = null;
afterEach(() => {
  client?.destroy();
  door?.close();
});

/** A client that asks no server who it is, as FFmpeg does not. */
function askBy(port: number): TLSSocket {
  return client = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
}

test("what a client says and hears within its TLS is the same on this side, to the last byte", async () => {
  const said = crypto.getRandomValues(new Uint8Array(40_000));
  const told = Buffer.alloc(3_000_000, "kaskado ");
  const heard: number[] = [];
  door = new LocalDoor(async (connection) => {
    // One byte was read before it was known to be TLS.
    const first = new Uint8Array(1);
    await connection.read(first);
    const { inside, left } = await new TlsInterior(door).enter(connection, first);
    const chunk = new Uint8Array(65_536);
    while (heard.length < said.length) heard.push(...chunk.subarray(0, await inside.read(chunk) ?? 0));
    for (let at = 0; at < told.length;) at += await inside.write(told.subarray(at));
    inside.close();
    await left;
  });
  const asking = askBy(door.port);
  asking.write(said);
  let length = 0;
  for await (const chunk of asking) {
    expect(told.subarray(length, length + chunk.length).equals(chunk)).toBe(true);
    length += chunk.length;
    // Who reads slowly loses nothing.
    if (length === told.length) break;
    if (length < 500_000) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(Uint8Array.from(heard)).toEqual(said);
});

test("several at once are not taken for one another, and all end with the door", async () => {
  let interior: TlsInterior | null = null;
  door = new LocalDoor(async (connection) => {
    interior ??= new TlsInterior(door);
    const { inside, left } = await interior.enter(connection, new Uint8Array());
    await inside.readable.pipeTo(inside.writable);
    await left;
  });
  const names = ["one", "two", "three", "four"];
  const clients = names.map(() => connect({ host: "127.0.0.1", port: door.port, rejectUnauthorized: false }));
  const answers = await Promise.all(clients.map((each, index) => {
    const answer = new Promise<string>((resolve) => each.once("data", (bytes) => resolve(String(bytes))));
    each.on("error", () => {});
    each.write(names[index]);
    return answer;
  }));
  expect(answers).toEqual(names);
  const ends = clients.map((each) => new Promise((resolve) => each.once("close", resolve)));
  door.close();
  await Promise.all(ends);
});

test("the identity is a certificate of its own key, another each time", () => {
  const [one, other] = [makeDoorIdentity(), makeDoorIdentity()];
  const certificate = new X509Certificate(one.cert);
  expect(certificate.subject).toContain("door");
  expect(one.key).toContain("PRIVATE KEY");
  expect(one.key).not.toBe(other.key);
});
