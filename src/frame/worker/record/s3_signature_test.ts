import { expect, test } from "vitest";
import { signedHeaders } from "./s3_signature.ts";

/** Credentials and requests of the examples that AWS publishes for Signature Version 4 of S3. */
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  region: "us-east-1",
};
const nowMs = Date.UTC(2013, 4, 24);
const signatureOf = (headers: Record<string, string>) => /Signature=(\w+)$/.exec(headers.authorization)![1];

test("the published example of an upload has the published signature", () => {
  const headers = signedHeaders({
    method: "PUT",
    url: new URL("https://examplebucket.s3.amazonaws.com/test$file.text"),
    headers: { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
    bodyHash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    nowMs,
  }, credentials);
  expect(signatureOf(headers)).toBe("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
});

test("the published example with a query has the published signature, whatever the order of its parts", () => {
  const bodyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  for (const query of ["max-keys=2&prefix=J", "prefix=J&max-keys=2"]) {
    const url = new URL(`https://examplebucket.s3.amazonaws.com/?${query}`);
    const headers = signedHeaders({ method: "GET", url, headers: {}, bodyHash, nowMs }, credentials);
    expect(signatureOf(headers)).toBe("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  }
});

test("the token of temporary credentials is sent and signed", () => {
  const url = new URL("https://store.example/b/k");
  const headers = signedHeaders(
    { method: "PUT", url, headers: {}, bodyHash: "00", nowMs },
    { ...credentials, sessionToken: "token" },
  );
  expect(headers["x-amz-security-token"]).toBe("token");
  expect(headers.authorization).toContain("x-amz-security-token,");
  expect(headers.host).toBe("store.example");
});
