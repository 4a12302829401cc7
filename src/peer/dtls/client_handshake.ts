import { ByteReader, join, vector } from "./byte_reader.ts";
import { HandshakeFailure } from "./failure.ts";
import { type FlightRecord, Handshake, requireType } from "./handshake.ts";
import { HANDSHAKE, type HandshakeMessage } from "./handshake_message.ts";
import { readServerHello, srtpProfiles, suites, writeClientHello } from "./hello.ts";
import { type EphemeralKey, type Group, groups, newEphemeralKey } from "./key_exchange.ts";
import { DTLS_1_2 } from "./record.ts";

/**
 * The client's half of a DTLS 1.2 handshake (RFC 6347).
 *
 *   hello ──► certificate ──► key ──► request ──► finished ──► done
 *     └─(HelloVerifyRequest)─► hello
 */
export class ClientHandshake extends Handshake {
  #state: "hello" | "certificate" | "key" | "request" | "finished" | "done" = "hello";
  #verified = false;
  /** Signature schemes that the server takes of a client certificate; null until it asks for one. */
  #wantedSchemes: number[] | null = null;
  #suite = 0;
  #ephemeral: EphemeralKey | null = null;
  #remoteKey: Uint8Array = new Uint8Array(0);

  override start(): void {
    this.#sayHello(new Uint8Array(0));
  }

  override receive(message: HandshakeMessage): void {
    switch (this.#state) {
      case "hello":
        this.#onHello(message);
        return;
      case "certificate":
        requireType(message, HANDSHAKE.certificate);
        this.takeCertificate(message.body);
        this.note(message);
        this.#state = "key";
        return;
      case "key":
        requireType(message, HANDSHAKE.serverKeyExchange);
        this.#takeKey(new ByteReader(message.body), message.body);
        this.note(message);
        this.#state = "request";
        return;
      case "request":
        this.#onRequest(message);
        return;
      case "finished":
        requireType(message, HANDSHAKE.finished);
        this.takeFinished(message);
        this.#state = "done";
        this.host.connected(this.srtpKeys());
        return;
      case "done":
        return;
    }
  }

  #sayHello(cookie: Uint8Array): void {
    const hello = this.message(HANDSHAKE.clientHello, writeClientHello(this.randoms.client, cookie));
    this.host.send([hello], true);
  }

  #onHello(message: HandshakeMessage): void {
    if (message.type === HANDSHAKE.helloVerifyRequest && !this.#verified) {
      this.#verified = true;
      const reader = new ByteReader(message.body);
      reader.uint(2);
      // The first hello and the request for a cookie are no part of the handshake (RFC 6347 section 4.2.1).
      this.forgetTranscript();
      this.#sayHello(reader.vector(1));
      return;
    }
    requireType(message, HANDSHAKE.serverHello);
    this.note(message);
    this.#takeServerHello(message.body);
    this.#state = "certificate";
  }

  #takeServerHello(body: Uint8Array): void {
    const hello = readServerHello(body);
    if (hello.version !== DTLS_1_2) {
      throw new HandshakeFailure("protocol_version", "the server does not speak DTLS 1.2");
    }
    if (hello.suite !== suites.ECDSA && hello.suite !== suites.RSA) {
      throw new HandshakeFailure("illegal_parameter", "the server chose a cipher suite that was not offered");
    }
    const profile = srtpProfiles.find((p) => p.id === hello.srtpProfile);
    if (!profile) throw new HandshakeFailure("handshake_failure", "the server chose no SRTP profile");
    this.profile = profile.profile;
    this.extendedMasterSecret = hello.extendedMasterSecret;
    this.randoms.server = hello.random;
    this.#suite = hello.suite;
  }

  /** The server asks for our certificate, at most once, or is done. */
  #onRequest(message: HandshakeMessage): void {
    const isFirst = this.#wantedSchemes === null;
    requireType(message, ...isFirst ? [HANDSHAKE.certificateRequest] : [], HANDSHAKE.serverHelloDone);
    this.note(message);
    if (message.type === HANDSHAKE.certificateRequest) {
      this.#wantedSchemes = readCertificateRequest(message.body);
    } else {
      this.#answer();
    }
  }

  #takeKey(reader: ByteReader, body: Uint8Array): void {
    const curveType = reader.uint(1);
    const group = reader.uint(2);
    const isOffered = curveType === 3 && Object.values<number>(groups).includes(group);
    if (!isOffered) {
      throw new HandshakeFailure("illegal_parameter", "the server chose a group that was not offered");
    }
    this.#remoteKey = reader.vector(1).slice();
    const params = body.subarray(0, body.length - reader.left);
    const keyType = this.verifySigned(reader, join(this.randoms.client, this.randoms.server, params));
    if (suites[keyType] !== this.#suite) {
      throw new HandshakeFailure(
        "illegal_parameter",
        `the server signed with ${keyType} against its cipher suite`,
      );
    }
    this.#ephemeral = newEphemeralKey(group as Group);
  }

  #answer(): void {
    const ephemeral = this.#ephemeral;
    if (!ephemeral) throw new HandshakeFailure("unexpected_message", "the hello ended before a key came");
    const wanted = this.#wantedSchemes;
    const flight: FlightRecord[] = wanted ? [this.certificate()] : [];
    flight.push(this.message(HANDSHAKE.clientKeyExchange, vector(1, ephemeral.publicKey)));
    this.derive(ephemeral.agree(this.#remoteKey));
    if (wanted) {
      flight.push(this.message(HANDSHAKE.certificateVerify, this.signed(this.transcript(), wanted)));
    }
    flight.push(this.changeCipherSpec(), this.finished());
    this.#state = "finished";
    this.host.send(flight, true);
  }
}

/** The signature schemes of a CertificateRequest (RFC 5246 section 7.4.4). */
function readCertificateRequest(body: Uint8Array): number[] {
  const reader = new ByteReader(body);
  reader.vector(1);
  const schemes = reader.numbers(2);
  reader.vector(2);
  reader.end();
  return schemes;
}
