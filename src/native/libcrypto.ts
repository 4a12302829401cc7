/** The part of OpenSSL's libcrypto (3 or 1.1) that SRTP needs. Pointers are bigints, see libc.ts. */
const symbols = {
  EVP_aes_128_gcm: { parameters: [], result: "u64" },
  EVP_aes_256_gcm: { parameters: [], result: "u64" },
  EVP_aes_256_ctr: { parameters: [], result: "u64" },
  EVP_aes_128_ctr: { parameters: [], result: "u64" },
  EVP_CIPHER_CTX_new: { parameters: [], result: "u64" },
  EVP_CIPHER_CTX_free: { parameters: ["u64"], result: "void" },
  EVP_CIPHER_CTX_ctrl: { parameters: ["u64", "i32", "i32", "u64"], result: "i32" },
  EVP_CipherInit_ex: { parameters: ["u64", "u64", "u64", "u64", "u64", "i32"], result: "i32" },
  EVP_CipherUpdate: { parameters: ["u64", "u64", "u64", "u64", "i32"], result: "i32" },
  EVP_CipherFinal_ex: { parameters: ["u64", "u64", "u64"], result: "i32" },
  EVP_sha1: { parameters: [], result: "u64" },
  EVP_MD_CTX_new: { parameters: [], result: "u64" },
  EVP_MD_CTX_free: { parameters: ["u64"], result: "void" },
  EVP_MD_CTX_copy_ex: { parameters: ["u64", "u64"], result: "i32" },
  EVP_DigestInit_ex: { parameters: ["u64", "u64", "u64"], result: "i32" },
  EVP_DigestUpdate: { parameters: ["u64", "u64", "u64"], result: "i32" },
  EVP_DigestFinal_ex: { parameters: ["u64", "u64", "u64"], result: "i32" },
} as const;

export type LibcryptoCalls = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** Opens libcrypto; throws when the machine has none. */
export function openLibcrypto(): LibcryptoCalls {
  return openLibcryptoWith(symbols);
}

/** Opens libcrypto for other symbols than those of SRTP; throws when the machine has none. */
export function openLibcryptoWith<Wanted extends Deno.ForeignLibraryInterface>(
  wanted: Wanted,
): Deno.DynamicLibrary<Wanted>["symbols"] {
  let failure: unknown;
  for (const name of ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"]) {
    try {
      leaveExitAlone(name);
      return Deno.dlopen(name, wanted).symbols;
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/**
 * Keeps libcrypto from cleaning up when the process exits. Its cleanup frees what belongs to each thread that used it, and
 * so does the end of such a thread: where a plane's thread ends while the process exits, both free the same, and glibc
 * aborts the process (one end of a server in some 1500). The first initialisation of the process decides.
 */
function leaveExitAlone(name: string): void {
  const { symbols } = Deno.dlopen(name, {
    OPENSSL_init_crypto: { parameters: ["u64", "u64"], result: "i32" },
  });
  symbols.OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, 0n);
}

const OPENSSL_INIT_NO_ATEXIT = 0x80000n;

/** Control commands of EVP_CIPHER_CTX_ctrl and the direction of EVP_CipherInit_ex. */
export const evp = { GET_TAG: 0x10, SET_TAG: 0x11, DECRYPT: 0, ENCRYPT: 1 } as const;

/** A cipher context of its own with the key set once. `cipher` is what EVP_aes_128_… gave. Throws when it is refused. */
export function newCipherContext(calls: LibcryptoCalls, cipher: bigint, keyAddress: number): bigint {
  const context = calls.EVP_CIPHER_CTX_new();
  if (context === 0n) throw new Error("Cannot make a cipher context: libcrypto gave none");
  if (calls.EVP_CipherInit_ex(context, cipher, 0n, BigInt(keyAddress), 0n, evp.ENCRYPT) === 1) return context;
  calls.EVP_CIPHER_CTX_free(context);
  throw new Error("Cannot make a cipher context: libcrypto refused cipher or key");
}
