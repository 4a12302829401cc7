import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { restClient } from "../kit/rest_client.ts";
import { sdpOffer } from "../kit/sdp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let directory: string;
const fingerprints = { RSA: "", ECDSA: "" };

async function makePem(keyType: "RSA" | "ECDSA"): Promise<string> {
  const path = `${directory}/${keyType}.pem`;
  const newKey = keyType === "RSA" ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  const args = ["req", "-x509", "-newkey", ...newKey, "-nodes", "-keyout", path, "-out", `${path}.crt`];
  await new Deno.Command("openssl", { args: [...args, "-subj", "/CN=x"], stderr: "null" }).output();
  const certificate = await Deno.readTextFile(`${path}.crt`);
  await Deno.writeTextFile(path, certificate, { append: true });
  fingerprints[keyType] = new X509Certificate(certificate).fingerprint256;
  return path;
}

beforeAll(async () => {
  directory = await Deno.makeTempDir();
  server = await startServer({
    env: {
      KASKADO_CERTIFICATE_RSA: await makePem("RSA"),
      KASKADO_CERTIFICATE_ECDSA: await makePem("ECDSA"),
    },
  });
});
afterAll(async () => {
  await server?.stop();
  await Deno.remove(directory, { recursive: true });
});

const shown = (sdp: string) => /a=fingerprint:sha-256 (\S+)/.exec(sdp)?.[1];

test("operations show the kind that the endpoint was made with, RSA unless told otherwise", async () => {
  const rest = restClient(server.baseUrl);
  const { body: pipeline } = await rest.post("/v1/pipelines", {});
  for (
    const [options, expected] of [
      [{}, "RSA"],
      [{ certificateKeyType: "RSA" }, "RSA"],
      [{ certificateKeyType: "ECDSA" }, "ECDSA"],
    ] as const
  ) {
    const { body: element } = await rest.post(`/v1/pipelines/${pipeline.id}/elements`, {
      type: "WebRtcEndpoint",
      options,
    });
    const { body } = await rest.post(`/v1/elements/${element.id}/generateOffer`, {});
    expect(shown(body.result), JSON.stringify(options)).toBe(fingerprints[expected]);
  }
});

test("sessions of WHIP show ECDSA", async () => {
  const offer = sdpOffer({ sections: [{ kind: "video", direction: "sendonly" }] });
  const headers = { "content-type": "application/sdp" };
  const response = await fetch(`${server.baseUrl}/whip/demo`, { method: "POST", headers, body: offer });
  expect(shown(await response.text())).toBe(fingerprints.ECDSA);
});
