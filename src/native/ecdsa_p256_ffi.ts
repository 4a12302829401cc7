import type { Buffer } from "node:buffer";
import type { KeyObject } from "node:crypto";
import type { EcdsaP256 } from "./ecdsa_p256.ts";
import { openLibcryptoWith } from "./libcrypto.ts";
import { allocate } from "./memory.ts";
import type { Memory } from "./types.ts";

/** The part of libcrypto (1.1.1 or 3) that signatures need. */
const symbols = {
  d2i_AutoPrivateKey: { parameters: ["buffer", "buffer", "i64"], result: "u64" },
  d2i_PUBKEY: { parameters: ["buffer", "buffer", "i64"], result: "u64" },
  EVP_PKEY_free: { parameters: ["u64"], result: "void" },
  EVP_sha256: { parameters: [], result: "u64" },
  EVP_MD_CTX_new: { parameters: [], result: "u64" },
  EVP_MD_CTX_free: { parameters: ["u64"], result: "void" },
  EVP_DigestSignInit: { parameters: ["u64", "u64", "u64", "u64", "u64"], result: "i32" },
  EVP_DigestSign: { parameters: ["u64", "buffer", "buffer", "buffer", "u64"], result: "i32" },
  EVP_DigestVerifyInit: { parameters: ["u64", "u64", "u64", "u64", "u64"], result: "i32" },
  EVP_DigestVerify: { parameters: ["u64", "buffer", "u64", "buffer", "u64"], result: "i32" },
  ERR_clear_error: { parameters: [], result: "void" },
} as const;

type Calls = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** Two INTEGERs of 33 bytes in a SEQUENCE. */
const MAX_SIGNATURE_BYTES = 72;
/** PKCS #8 of a P-256 key has 138 bytes. */
const MAX_DER_BYTES = 256;

/** ECDSA by libcrypto; throws when the machine has none. */
export function openLibcryptoEcdsa(): EcdsaP256 {
  const calls = openLibcryptoWith(symbols);
  const keys = new KeyReader(calls);
  const privateKeys = new WeakMap<KeyObject, bigint>();
  const keyOf = (key: KeyObject): bigint => {
    let known = privateKeys.get(key);
    if (known === undefined) privateKeys.set(key, known = keys.readPrivate(key));
    return known;
  };
  return {
    kind: "ffi",
    sign: (key, data) => withContext(calls, (context) => signWith(calls, context, keyOf(key), data)),
    verify(keyInfo, data, signature) {
      const key = keys.readPublic(keyInfo);
      const isRight = key !== 0n &&
        withContext(calls, (context) => verifyWith(calls, context, key, data, signature));
      calls.EVP_PKEY_free(key);
      // A wrong signature leaves a note in the thread's list of errors, which nobody reads.
      if (!isRight) calls.ERR_clear_error();
      return isRight;
    },
  };
}

/** Reads keys. d2i moves the pointer that it is given, so the DER stands in memory whose address is known. */
class KeyReader {
  readonly #calls: Calls;
  readonly #der: Memory = allocate(MAX_DER_BYTES);
  readonly #place = new BigUint64Array(new ArrayBuffer(8));

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Keys of a server are few and live as long as the process, so they are never freed. */
  readPrivate(key: KeyObject): bigint {
    const der = key.export({ type: "pkcs8", format: "der" }) as Buffer;
    const read = this.#read(this.#calls.d2i_AutoPrivateKey, der);
    if (read === 0n) throw new Error("Cannot sign: libcrypto refused the private key");
    return read;
  }

  /** To be freed; 0n when it is no key. */
  readPublic(keyInfo: Uint8Array): bigint {
    return this.#read(this.#calls.d2i_PUBKEY, keyInfo);
  }

  #read(call: Calls["d2i_PUBKEY"], der: Uint8Array): bigint {
    if (der.length > MAX_DER_BYTES) return 0n;
    this.#der.bytes.set(der);
    this.#place[0] = BigInt(this.#der.address);
    const key = call(null, this.#place, BigInt(der.length));
    this.#der.bytes.fill(0);
    return key;
  }
}

function withContext<Result>(calls: Calls, work: (context: bigint) => Result): Result {
  const context = calls.EVP_MD_CTX_new();
  try {
    return work(context);
  } finally {
    calls.EVP_MD_CTX_free(context);
  }
}

function signWith(calls: Calls, context: bigint, key: bigint, data: Uint8Array): Uint8Array {
  const signature = new Uint8Array(MAX_SIGNATURE_BYTES);
  const length = new BigUint64Array([BigInt(MAX_SIGNATURE_BYTES)]);
  const done = calls.EVP_DigestSignInit(context, 0n, calls.EVP_sha256(), 0n, key) === 1 &&
    calls.EVP_DigestSign(context, signature, length, own(data), BigInt(data.length)) === 1;
  if (!done) throw new Error("Cannot sign: libcrypto refused");
  return signature.slice(0, Number(length[0]));
}

function verifyWith(
  calls: Calls,
  context: bigint,
  key: bigint,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (calls.EVP_DigestVerifyInit(context, 0n, calls.EVP_sha256(), 0n, key) !== 1) return false;
  const [sent, signed] = [own(signature), own(data)];
  return calls.EVP_DigestVerify(context, sent, BigInt(sent.length), signed, BigInt(signed.length)) === 1;
}

/** A copy on memory of its own: small typed arrays may live inside V8's moving heap. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
