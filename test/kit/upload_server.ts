import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { S3Credentials } from "../../src/frame/mod.ts";

/** One request as it came. */
export interface Upload {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** A server that takes files by PUT, and says no where a test wants that. */
export class UploadServer {
  readonly uploads: Upload[] = [];
  /** Statuses of the next answers, 200 when there are none. */
  readonly answers: number[] = [];
  /** Of the next refusals. */
  retryAfter: string | null = null;
  /** Bodies that were taken and answered with success, by their paths. */
  readonly taken = new Map<string, Uint8Array>();
  /** Keeps who has sent a file to this path waiting for the answer. */
  isSlow: (path: string) => boolean = () => false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Uint8Array[] = [];
      request.on("data", (chunk) => chunks.push(new Uint8Array(chunk)));
      request.on("end", () => {
        const upload = uploadOf(request, chunks);
        this.uploads.push(upload);
        if (this.isSlow(upload.path)) return;
        response.statusCode = this.answers.shift() ?? 200;
        if (response.statusCode >= 400 && this.retryAfter !== null) {
          response.setHeader("retry-after", this.retryAfter);
        }
        if (response.statusCode >= 300 && response.statusCode < 400) {
          response.setHeader("location", "/elsewhere");
        }
        if (response.statusCode === 200) this.taken.set(upload.path, upload.body);
        response.end();
      });
    });
  }

  static async open(): Promise<UploadServer> {
    const server = new UploadServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function uploadOf(request: IncomingMessage, chunks: Uint8Array[]): Upload {
  const body = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers as Record<string, string>,
    body,
  };
}

/**
 * Whether a request is signed by the credentials, worked out from what came over the wire as a store does it (AWS
 * Signature Version 4).
 */
export function isSigned({ method, path, headers, body }: Upload, credentials: S3Credentials): boolean {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/s3\/aws4_request), SignedHeaders=([^,]+), Signature=(\w+)$/
      .exec(headers.authorization ?? "");
  if (!match || match[1] !== credentials.accessKeyId) return false;
  const [, , scope, signed, signature] = match;
  const bodyHash = createHash("sha256").update(body).digest("hex");
  if (headers["x-amz-content-sha256"] !== bodyHash || !signed.split(";").includes("host")) return false;
  const [resource, query = ""] = path.split("?");
  const lines = signed.split(";").map((name) => `${name}:${headers[name]}\n`).join("");
  const canonical = `${method}\n${resource}\n${query}\n${lines}\n${signed}\n${bodyHash}`;
  const hash = createHash("sha256").update(canonical).digest("hex");
  let key: string | Uint8Array = `AWS4${credentials.secretAccessKey}`;
  for (const part of scope.split("/")) key = new Uint8Array(createHmac("sha256", key).update(part).digest());
  const text = `AWS4-HMAC-SHA256\n${headers["x-amz-date"]}\n${scope}\n${hash}`;
  return createHmac("sha256", key).update(text).digest("hex") === signature;
}
