import { createHash, createHmac } from "node:crypto";
import type { S3Credentials } from "../../types.ts";

export interface SignedRequest {
  method: string;
  url: URL;
  /** All of these are signed; names in lower case. */
  headers: Record<string, string>;
  /** SHA-256 of the body in hexadecimal. */
  bodyHash: string;
  nowMs: number;
}

/** Headers that sign a request to S3 by AWS Signature Version 4, with those that were given. */
export function signedHeaders(request: SignedRequest, credentials: S3Credentials): Record<string, string> {
  const { accessKeyId, secretAccessKey, region, sessionToken } = credentials;
  const stamp = new Date(request.nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const day = stamp.slice(0, 8);
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.url.host,
    "x-amz-content-sha256": request.bodyHash,
    "x-amz-date": stamp,
    ...(sessionToken ? { "x-amz-security-token": sessionToken } : {}),
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    canonicalPath(request.url),
    canonicalQuery(request.url),
    ...names.map((name) => `${name}:${headers[name].trim()}`),
    "",
    names.join(";"),
    request.bodyHash,
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", stamp, scope, sha256(canonical)].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce<string | Uint8Array>(
    (secret, part) => new Uint8Array(createHmac("sha256", secret).update(part).digest()),
    `AWS4${secretAccessKey}`,
  );
  const signature = createHmac("sha256", key).update(toSign).digest("hex");
  const parts = `Credential=${accessKeyId}/${scope}, SignedHeaders=${
    names.join(";")
  }, Signature=${signature}`;
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${parts}` };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Every byte but those that RFC 3986 leaves unreserved is escaped. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function canonicalPath(url: URL): string {
  return url.pathname.split("/").map((part) => escaped(decodeURIComponent(part))).join("/");
}

function canonicalQuery(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  return pairs.sort().join("&");
}
