import { join } from "node:path";

/** A self-signed certificate for localhost and 127.0.0.1 with its key, made by openssl into a new directory. */
export async function makeIdentity(): Promise<{ directory: string; certificate: string; key: string }> {
  const directory = Deno.makeTempDirSync({ prefix: "kaskado_tls_" });
  const [certificate, key] = [join(directory, "certificate.pem"), join(directory, "key.pem")];
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
        .split(" "),
      ..."-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=CA:FALSE".split(" "),
      ...["-keyout", key, "-out", certificate],
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot make a certificate: ${new TextDecoder().decode(stderr)}`);
  return { directory, certificate, key };
}
