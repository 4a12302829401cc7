import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { prf } from "./key_schedule.ts";

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

test("the PRF with SHA-256 gives the vector of the TLS working group's list", () => {
  const output = prf(
    bytes("9bbe436ba940f017b17652849a71db35"),
    "test label",
    bytes("a0ba9f936cda311827a6f796ffd5198c"),
    100,
  );
  expect(Buffer.from(output).toString("hex")).toBe(
    "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a" +
      "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab" +
      "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701" +
      "87347b66",
  );
});
