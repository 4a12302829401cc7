/**
 * The certificate chain and private key of a TLS listener, as PEM text (RFC 7468). Both may stand in one file: then
 * `keyFile` is null. Throws a sentence that names the file and what it lacks.
 */
export function readIdentity(certificateFile: string, keyFile: string | null): { cert: string; key: string } {
  const certificates = blocksOf(certificateFile, /^CERTIFICATE$/);
  const keys = blocksOf(keyFile ?? certificateFile, /PRIVATE KEY$/);
  if (certificates.length === 0) {
    throw new Error(`Cannot start: ${certificateFile} has no certificate in PEM form`);
  }
  if (keys.length !== 1) {
    const found = keys.length === 0 ? "no private key" : `${keys.length} private keys`;
    throw new Error(`Cannot start: ${keyFile ?? certificateFile} has ${found} in PEM form, one is needed`);
  }
  return { cert: certificates.join("\n"), key: keys[0] };
}

function blocksOf(file: string, label: RegExp): string[] {
  const blocks = [...read(file).matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g)];
  return blocks.filter((block) => label.test(block[1])).map((block) => `${block[0]}\n`);
}

function read(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Error(`Cannot start: the file ${file} cannot be read: ${why}`, { cause: error });
  }
}
