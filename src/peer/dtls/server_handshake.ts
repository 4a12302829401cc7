import { ByteReader, join, uint, vector } from "./byte_reader.ts";
import { HandshakeFailure } from "./failure.ts";
import { Handshake, requireType } from "./handshake.ts";
import { HANDSHAKE, type HandshakeMessage } from "./handshake_message.ts";
import { type ClientHello, readClientHello, srtpProfiles, suites, writeServerHello } from "./hello.ts";
import { type EphemeralKey, type Group, groups, newEphemeralKey } from "./key_exchange.ts";
import { DTLS_1_2 } from "./record.ts";
import { verifiableSchemes } from "./signature.ts";

const ECDSA_SIGN = 64;
const RSA_SIGN = 1;

/**
 * The server's half of a DTLS 1.2 handshake (RFC 6347) with a client certificate.
 *
 *   hello ──► certificate ──► key ──► verify ──► finished ──► done
 *
 * No HelloVerifyRequest: an address reaches this after ICE has proved that the peer is there, which is all that the
 * cookie could prove, and a round trip is spared.
 */
export class ServerHandshake extends Handshake {
  #state: "hello" | "certificate" | "key" | "verify" | "finished" | "done" = "hello";
  #ephemeral: EphemeralKey | null = null;

  override start(): void {}

  override receive(message: HandshakeMessage): void {
    switch (this.#state) {
      case "hello":
        requireType(message, HANDSHAKE.clientHello);
        this.note(message);
        this.#answerHello(readClientHello(message.body));
        this.#state = "certificate";
        return;
      case "certificate":
        requireType(message, HANDSHAKE.certificate);
        this.takeCertificate(message.body);
        this.note(message);
        this.#state = "key";
        return;
      case "key":
        requireType(message, HANDSHAKE.clientKeyExchange);
        this.note(message);
        this.derive(this.#agree(message.body));
        this.#state = "verify";
        return;
      case "verify":
        requireType(message, HANDSHAKE.certificateVerify);
        this.verifySigned(new ByteReader(message.body), this.transcript());
        this.note(message);
        this.#state = "finished";
        return;
      case "finished":
        requireType(message, HANDSHAKE.finished);
        this.takeFinished(message);
        this.#finish();
        return;
      case "done":
        return;
    }
  }

  #answerHello(hello: ClientHello): void {
    requireVersion(hello);
    const suite = suites[this.identity.certificate.keyType];
    requireSuite(hello, suite);
    const profile = chooseProfile(hello);
    this.#ephemeral = newEphemeralKey(chooseGroup(hello));
    this.profile = profile.profile;
    this.extendedMasterSecret = hello.extendedMasterSecret;
    this.randoms.client = hello.random;
    this.host.send([
      this.message(
        HANDSHAKE.serverHello,
        writeServerHello(this.randoms.server, hello, { suite, srtpProfile: profile.id }),
      ),
      this.certificate(),
      this.message(HANDSHAKE.serverKeyExchange, this.#keyExchange(this.#ephemeral, hello)),
      this.message(HANDSHAKE.certificateRequest, certificateRequest()),
      this.message(HANDSHAKE.serverHelloDone, new Uint8Array(0)),
    ], true);
  }

  /** RFC 8422 section 5.4. */
  #keyExchange(ephemeral: EphemeralKey, hello: ClientHello): Uint8Array {
    const namedCurve = 3;
    const params = join(uint(namedCurve, 1), uint(ephemeral.group, 2), vector(1, ephemeral.publicKey));
    const data = join(this.randoms.client, this.randoms.server, params);
    return join(params, this.signed(data, hello.signatureSchemes));
  }

  #agree(body: Uint8Array): Uint8Array {
    if (!this.#ephemeral) throw new HandshakeFailure("unexpected_message", "a key came before the hello");
    const reader = new ByteReader(body);
    const point = reader.vector(1);
    reader.end();
    return this.#ephemeral.agree(point);
  }

  /** Keys go up first: the peer may send media the moment it has our Finished. */
  #finish(): void {
    this.#state = "done";
    const flight = [this.changeCipherSpec(), this.finished()];
    this.host.connected(this.srtpKeys());
    this.host.send(flight, false);
  }
}

/** Versions of DTLS count downwards from 0xfeff; DTLS 1.3 says 1.2 here (RFC 9147 section 5.3). */
function requireVersion(hello: ClientHello): void {
  if (hello.version > DTLS_1_2 || hello.version < 0xfe00) {
    throw new HandshakeFailure("protocol_version", "the client does not speak DTLS 1.2");
  }
}

function requireSuite(hello: ClientHello, suite: number): void {
  if (hello.suites.includes(suite)) return;
  const kind = suite === suites.RSA ? "RSA" : "ECDSA";
  throw new HandshakeFailure(
    "handshake_failure",
    `the client lacks TLS_ECDHE_${kind}_WITH_AES_128_GCM_SHA256, which the certificate of this side needs`,
  );
}

function chooseProfile(hello: ClientHello): (typeof srtpProfiles)[number] {
  const profile = srtpProfiles.find((p) => hello.srtpProfiles.includes(p.id));
  if (!profile) {
    throw new HandshakeFailure("handshake_failure", "the client offers no SRTP profile of this server");
  }
  return profile;
}

function chooseGroup(hello: ClientHello): Group {
  const group = [groups.x25519, groups.secp256r1].find((g) => hello.groups.includes(g));
  if (group === undefined) {
    throw new HandshakeFailure("handshake_failure", "the client has neither X25519 nor P-256");
  }
  return group;
}

/** RFC 5246 section 7.4.4, without names of authorities. */
function certificateRequest(): Uint8Array {
  const types = vector(1, uint(ECDSA_SIGN, 1), uint(RSA_SIGN, 1));
  return join(types, vector(2, ...verifiableSchemes.map((scheme) => uint(scheme, 2))), vector(2));
}
