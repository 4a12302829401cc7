import { randomBytes, timingSafeEqual } from "node:crypto";
import type { SrtpProfile } from "../../native/mod.ts";
import { srtpKeyLengths } from "../../native/mod.ts";
import type { CertificateKeyType, DtlsCertificate, SrtpKeys } from "../types.ts";
import { ByteReader, join, uint, vector } from "./byte_reader.ts";
import { HandshakeFailure } from "./failure.ts";
import { encodeMessage, HANDSHAKE, type HandshakeMessage } from "./handshake_message.ts";
import {
  masterSecretOf,
  type Randoms,
  srtpKeyingMaterial,
  verifyDataOf,
  writeKeysOf,
} from "./key_schedule.ts";
import { CONTENT } from "./record.ts";
import type { WriteKeys } from "./record_cipher.ts";
import { chooseScheme, signBy, verifySignature } from "./signature.ts";

/** Who we are, and how the other side's certificate is known. */
export interface HandshakeIdentity {
  certificate: Pick<DtlsCertificate, "keyType" | "bytes" | "key">;
  /** True when the DER certificate is the one that the signalling announced. */
  trusts(certificate: Uint8Array): boolean;
}

/** One record of a flight, before it is numbered and protected. */
export interface FlightRecord {
  contentType: number;
  epoch: 0 | 1;
  fragment: Uint8Array;
}

/** What a handshake tells the session that carries it. */
export interface HandshakeHost {
  /** Record keys are known; records of epoch 1 can be read and written from now on. */
  protectWith(keys: { local: WriteKeys; remote: WriteKeys }): void;
  /** Send this flight; `answered` says whether the other side answers it, so that silence means loss. */
  send(flight: FlightRecord[], answered: boolean): void;
  connected(keys: SrtpKeys): void;
}

/** What client and server have in common: transcript, secrets, certificate messages, Finished. */
export abstract class Handshake {
  protected readonly randoms: Randoms;
  protected profile: SrtpProfile = "AES128_CM_HMAC_SHA1_80";
  protected extendedMasterSecret = false;
  /** DER, once it came and is trusted. */
  protected remoteCertificate: Uint8Array | null = null;
  #transcript: Uint8Array[] = [];
  #master: Uint8Array | null = null;
  #sequence = 0;

  constructor(
    readonly role: "client" | "server",
    protected readonly identity: HandshakeIdentity,
    protected readonly host: HandshakeHost,
  ) {
    this.randoms = { client: randomBytes(32), server: randomBytes(32) };
  }

  /** Begins: the client says hello, the server waits. */
  abstract start(): void;

  /** Takes the next message in order; throws HandshakeFailure. */
  abstract receive(message: HandshakeMessage): void;

  /** All messages so far, as one piece. */
  protected transcript(): Uint8Array {
    return join(...this.#transcript);
  }

  protected forgetTranscript(): void {
    this.#transcript = [];
  }

  protected note(message: HandshakeMessage): void {
    this.#transcript.push(encodeMessage(message));
  }

  /** A message of ours as a record of a flight, noted in the transcript. */
  protected message(type: number, body: Uint8Array, epoch: 0 | 1 = 0): FlightRecord {
    const fragment = encodeMessage({ type, sequence: this.#sequence++, body });
    this.#transcript.push(fragment);
    return { contentType: CONTENT.handshake, epoch, fragment };
  }

  protected changeCipherSpec(): FlightRecord {
    return { contentType: CONTENT.changeCipherSpec, epoch: 0, fragment: uint(1, 1) };
  }

  protected certificate(): FlightRecord {
    return this.message(HANDSHAKE.certificate, vector(3, vector(3, this.identity.certificate.bytes)));
  }

  /** Takes the other side's certificate; its fingerprint decides whether this is who was announced (RFC 8842). */
  protected takeCertificate(body: Uint8Array): void {
    const reader = new ByteReader(body);
    const list = new ByteReader(reader.vector(3));
    reader.end();
    const certificate = list.left > 0 ? list.vector(3).slice() : null;
    if (!certificate || !this.identity.trusts(certificate)) {
      throw new HandshakeFailure(
        "bad_certificate",
        "the certificate does not match the fingerprint of the SDP",
      );
    }
    this.remoteCertificate = certificate;
  }

  /**
   * A `digitally-signed` struct (RFC 5246 section 4.7) over `data`.
   *
   * @param taken schemes that the other side takes, null when it did not say
   */
  protected signed(data: Uint8Array, taken: readonly number[] | null): Uint8Array {
    const { keyType, key } = this.identity.certificate;
    const scheme = chooseScheme(keyType, taken);
    if (scheme === null) {
      throw new HandshakeFailure(
        "handshake_failure",
        `the other side takes no signature that the ${keyType} certificate of this side can make`,
      );
    }
    return join(uint(scheme, 2), vector(2, signBy(scheme, key, data)));
  }

  /** Verifies a `digitally-signed` struct by the other side's certificate; gives the type of its key. */
  protected verifySigned(reader: ByteReader, data: Uint8Array): CertificateKeyType {
    if (!this.remoteCertificate) {
      throw new HandshakeFailure("unexpected_message", "a signature came before a certificate");
    }
    const [scheme, signature] = [reader.uint(2), reader.vector(2)];
    reader.end();
    return verifySignature(scheme, this.remoteCertificate, data, signature);
  }

  /** Makes all secrets; to be called right after ClientKeyExchange entered the transcript (RFC 7627 section 3). */
  protected derive(preMaster: Uint8Array): void {
    this.#master = masterSecretOf(
      preMaster,
      this.randoms,
      this.extendedMasterSecret ? this.transcript() : null,
    );
    const keys = writeKeysOf(this.#master, this.randoms);
    const remoteRole = this.role === "client" ? "server" : "client";
    this.host.protectWith({ local: keys[this.role], remote: keys[remoteRole] });
  }

  protected finished(): FlightRecord {
    return this.message(HANDSHAKE.finished, verifyDataOf(this.#secret(), this.role, this.transcript()), 1);
  }

  /** Proves that both sides saw the same handshake; notes the message. */
  protected takeFinished(message: HandshakeMessage): void {
    const sender = this.role === "client" ? "server" : "client";
    const expected = verifyDataOf(this.#secret(), sender, this.transcript());
    if (message.body.length !== expected.length || !timingSafeEqual(message.body, expected)) {
      throw new HandshakeFailure("decrypt_error", "the Finished of the other side is wrong");
    }
    this.note(message);
  }

  protected srtpKeys(): SrtpKeys {
    const { key, salt } = srtpKeyLengths[this.profile];
    const reader = new ByteReader(srtpKeyingMaterial(this.#secret(), this.randoms, 2 * (key + salt)));
    const [clientKey, serverKey] = [reader.take(key).slice(), reader.take(key).slice()];
    const [clientSalt, serverSalt] = [reader.take(salt).slice(), reader.take(salt).slice()];
    const client = {
      localKey: clientKey,
      localSalt: clientSalt,
      remoteKey: serverKey,
      remoteSalt: serverSalt,
    };
    const server = {
      localKey: serverKey,
      localSalt: serverSalt,
      remoteKey: clientKey,
      remoteSalt: clientSalt,
    };
    return { profile: this.profile, ...(this.role === "client" ? client : server) };
  }

  #secret(): Uint8Array {
    if (!this.#master) throw new HandshakeFailure("unexpected_message", "a Finished came before the keys");
    return this.#master;
  }
}

/** Throws unless the next message has the type that the state wants. */
export function requireType(message: HandshakeMessage, ...wanted: number[]): void {
  if (wanted.includes(message.type)) return;
  throw new HandshakeFailure(
    "unexpected_message",
    `handshake message ${message.type} came, not ${wanted.join(" or ")}`,
  );
}
