import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { createCertificate } from "../certificate.ts";
import type { CertificateKeyType, DtlsCertificate, SrtpKeys } from "../types.ts";
import { join, uint, vector } from "./byte_reader.ts";
import { ClientHandshake } from "./client_handshake.ts";
import { HandshakeFailure } from "./failure.ts";
import type { FlightRecord, Handshake } from "./handshake.ts";
import { HANDSHAKE, type HandshakeMessage } from "./handshake_message.ts";
import { ServerHandshake } from "./server_handshake.ts";

const certificates = { ECDSA: await createCertificate("ECDSA"), RSA: await createCertificate("RSA") };
const stranger = await createCertificate("ECDSA");

type Role = "client" | "server";
type Bend = (from: Role, message: HandshakeMessage) => HandshakeMessage[];
interface Ends {
  client: CertificateKeyType | DtlsCertificate;
  server: CertificateKeyType | DtlsCertificate;
}

/** Both sides without records and clocks: `bend` sees every message on its way and says what arrives in its place. */
function shake(bend: Bend = (_, message) => [message], who: Partial<Ends> = {}) {
  const outcome: Partial<Record<Role, string>> = {};
  const keys: Partial<Record<Role, SrtpKeys>> = {};
  const seen: { from: Role; message: HandshakeMessage }[] = [];
  const queue: { to: Role; message: HandshakeMessage }[] = [];
  const sides = {} as Record<Role, Handshake>;
  const host = (role: Role) => ({
    protectWith: () => {},
    send: (flight: FlightRecord[]) => {
      for (const message of flight.flatMap(messageOf)) {
        seen.push({ from: role, message });
        const to = role === "client" ? "server" : "client";
        queue.push(...bend(role, message).map((arrives) => ({ to, message: arrives } as const)));
      }
    },
    connected: (own: SrtpKeys) => void (keys[role] = own),
  });
  const certificateOf = (side: CertificateKeyType | DtlsCertificate = "ECDSA") =>
    typeof side === "string" ? certificates[side] : side;
  const trusts = (bytes: Uint8Array) =>
    Object.values(certificates).some((known) => Buffer.from(known.bytes).equals(bytes));
  const identity = (role: Role) => ({ certificate: certificateOf(who[role]), trusts });
  sides.client = new ClientHandshake("client", identity("client"), host("client"));
  sides.server = new ServerHandshake("server", identity("server"), host("server"));
  sides.client.start();
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (outcome[next.to]) continue;
    try {
      sides[next.to].receive(next.message);
    } catch (error) {
      if (!(error instanceof HandshakeFailure)) throw error;
      outcome[next.to] = error.alert;
    }
  }
  return { outcome, keys, seen };
}

function messageOf({ contentType, epoch, fragment }: FlightRecord): HandshakeMessage[] {
  if (contentType !== 22) return [];
  const view = new DataView(fragment.buffer, fragment.byteOffset);
  return [{ type: fragment[0], sequence: view.getUint16(4), epoch, body: fragment.slice(12) }];
}

/** Bends the messages of one type from one side. */
const bending =
  (from: Role, type: number, bend: (body: Uint8Array) => Uint8Array | null): Bend => (side, message) => {
    if (side !== from || message.type !== type) return [message];
    const body = bend(message.body);
    return body ? [{ ...message, body }] : [];
  };

const replaced = (bytes: Uint8Array, from: number[], to: number[]): Uint8Array => {
  const at = Buffer.from(bytes).indexOf(Buffer.from(from));
  expect(at).toBeGreaterThanOrEqual(0);
  return join(bytes.subarray(0, at), new Uint8Array(to), bytes.subarray(at + from.length));
};
const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const changed = bytes.slice();
  changed[(at + bytes.length) % bytes.length] ^= 1;
  return changed;
};
/** Adds an extension at the end of a hello, whose list of extensions begins at `listAt`. */
const extended = (hello: Uint8Array, listAt: number, type: number, value: number[] = []): Uint8Array => {
  const list = hello.subarray(listAt + 2);
  const added = join(uint(type, 2), vector(2, new Uint8Array(value)));
  return join(hello.subarray(0, listAt), vector(2, list, added));
};
/** Where our ClientHello without cookie and our ServerHello have their lists of extensions. */
const clientListAt = 2 + 32 + 1 + 1 + 6 + 2;
const serverListAt = 2 + 32 + 1 + 2 + 1;

describe("certificates of both kinds", () => {
  const kinds = ["ECDSA", "RSA"] as const;
  test.each(kinds.flatMap((client) => kinds.map((server) => [client, server] as const)))(
    "a client with %s and a server with %s agree",
    (client, server) => {
      const { outcome, keys, seen } = shake(undefined, { client, server });
      expect(outcome).toEqual({});
      expect(keys.client!.localKey).toEqual(keys.server!.remoteKey);
      expect(keys.client!.remoteSalt).toEqual(keys.server!.localSalt);
      const hello = seen.find(({ message }) => message.type === HANDSHAKE.serverHello)!.message.body;
      expect([hello[35], hello[36]]).toEqual(server === "RSA" ? [0xc0, 0x2f] : [0xc0, 0x2b]);
    },
  );

  test("RSA signs with PSS where it is taken, else with PKCS #1, else not at all", () => {
    const schemeOfServer = (schemes: number[]) => {
      const hello = bending("client", HANDSHAKE.clientHello, (body) => {
        const list = vector(2, ...schemes.map((scheme) => uint(scheme, 2)));
        const at = Buffer.from(body).indexOf(Buffer.from([0, 13, 0, 20, 0, 18]));
        const rest = body.subarray(at + 24);
        const head = body.subarray(clientListAt + 2, at);
        return join(body.subarray(0, clientListAt), vector(2, head, uint(13, 2), vector(2, list), rest));
      });
      const { seen, outcome } = shake(hello, { server: "RSA" });
      const exchange = seen.find(({ message }) => message.type === HANDSHAKE.serverKeyExchange)?.message.body;
      return exchange ? exchange[36] * 256 + exchange[37] : outcome.server;
    };
    expect(schemeOfServer([0x0401, 0x0804])).toBe(0x0804);
    expect(schemeOfServer([0x0601, 0x0401])).toBe(0x0401);
    expect(schemeOfServer([0x0403, 0x0601])).toBe("handshake_failure");
  });

  test.each([["ECDSA", [0xc0, 0x2b]], ["RSA", [0xc0, 0x2f]]] as const)(
    "a client without the suite of the %s certificate is refused",
    (server, suite) => {
      const bend = bending("client", HANDSHAKE.clientHello, (body) => replaced(body, [...suite], [0, 0]));
      expect(shake(bend, { server }).outcome.server).toBe("handshake_failure");
    },
  );

  test("a client that has the server's suite only is served", () => {
    const bend = bending("client", HANDSHAKE.clientHello, (body) => replaced(body, [0xc0, 0x2b], [0, 0]));
    // All goes well up to Finished, where the two see that the hello was bent.
    expect(shake(bend, { server: "RSA" }).outcome).toEqual({ server: "decrypt_error" });
  });

  test("a server that takes none of our signatures is told so", () => {
    const bend = bending(
      "server",
      HANDSHAKE.certificateRequest,
      () => join(vector(1, new Uint8Array([1])), vector(2, uint(0x0601, 2)), vector(2)),
    );
    expect(shake(bend, { client: "RSA" }).outcome.client).toBe("handshake_failure");
  });
});

describe("a server refuses", () => {
  const hello = (bend: (body: Uint8Array) => Uint8Array | null) =>
    bending("client", HANDSHAKE.clientHello, bend);
  const key = (point: number[]) =>
    bending("client", HANDSHAKE.clientKeyExchange, () => vector(1, new Uint8Array(point)));
  const doubled = (type: number): Bend => (from, message) =>
    from === "client" && message.type === type ? [message, message] : [message];

  test.each<[string, Bend, string]>([
    ["DTLS 1.0", hello((b) => join(uint(0xfeff, 2), b.subarray(2))), "protocol_version"],
    ["TLS", hello((b) => join(uint(0x0303, 2), b.subarray(2))), "protocol_version"],
    [
      "a hello without an SRTP profile",
      hello((b) => replaced(b, [0, 14, 0, 7], [0, 99, 0, 7])),
      "handshake_failure",
    ],
    [
      "unknown SRTP profiles",
      hello((b) => replaced(b, [0, 4, 0, 7, 0, 1], [0, 4, 0, 2, 0, 9])),
      "handshake_failure",
    ],
    [
      "a hello without our groups",
      hello((b) => replaced(b, [0, 4, 0, 29, 0, 23], [0, 4, 0, 24, 0, 25])),
      "handshake_failure",
    ],
    ["compression", hello((b) => replaced(b, [0xc0, 0x2f, 1, 0], [0xc0, 0x2f, 1, 1])), "illegal_parameter"],
    ["an extension that comes twice", hello((b) => extended(b, clientListAt, 23)), "decode_error"],
    ["bytes behind a hello", hello((b) => join(b, new Uint8Array(1))), "decode_error"],
    ["a hello that is cut short", hello((b) => b.subarray(0, 60)), "decode_error"],
    ["an empty hello", hello(() => new Uint8Array(0)), "decode_error"],
    ["renegotiation", hello((b) => replaced(b, [0xff, 1, 0, 1, 0], [0xff, 1, 0, 1, 5])), "handshake_failure"],
    ["a second hello", doubled(HANDSHAKE.clientHello), "unexpected_message"],
    [
      "a client without a certificate",
      bending("client", HANDSHAKE.certificate, () => null),
      "unexpected_message",
    ],
    [
      "an empty list of certificates",
      bending("client", HANDSHAKE.certificate, () => vector(3)),
      "bad_certificate",
    ],
    [
      "bytes behind the certificates",
      bending("client", HANDSHAKE.certificate, (b) => join(b, uint(0, 1))),
      "decode_error",
    ],
    ["a second certificate", doubled(HANDSHAKE.certificate), "unexpected_message"],
    ["X25519's point of small order", key(Array(32).fill(0)), "illegal_parameter"],
    ["a short point", key(Array(31).fill(9)), "illegal_parameter"],
    ["a long point", key(Array(33).fill(9)), "illegal_parameter"],
    ["no point", key([]), "illegal_parameter"],
    [
      "a client that does not sign",
      bending("client", HANDSHAKE.certificateVerify, () => null),
      "unexpected_message",
    ],
    [
      "a wrong signature",
      bending("client", HANDSHAKE.certificateVerify, (b) => flipped(b, -1)),
      "decrypt_error",
    ],
    [
      "a signature with SHA-1",
      bending("client", HANDSHAKE.certificateVerify, (b) => join(uint(0x0203, 2), b.subarray(2))),
      "illegal_parameter",
    ],
    [
      "a signature of another kind",
      bending("client", HANDSHAKE.certificateVerify, (b) => join(uint(0x0401, 2), b.subarray(2))),
      "decrypt_error",
    ],
    [
      "bytes behind a signature",
      bending("client", HANDSHAKE.certificateVerify, (b) => join(b, uint(0, 1))),
      "decode_error",
    ],
    ["a wrong Finished", bending("client", HANDSHAKE.finished, (b) => flipped(b, 3)), "decrypt_error"],
    ["a short Finished", bending("client", HANDSHAKE.finished, (b) => b.subarray(0, 11)), "decrypt_error"],
    ["an empty Finished", bending("client", HANDSHAKE.finished, () => new Uint8Array(0)), "decrypt_error"],
    [
      "a key before the certificate",
      (from, message) =>
        from === "client" && message.type === HANDSHAKE.certificate
          ? [{ ...message, type: HANDSHAKE.clientKeyExchange }]
          : [message],
      "unexpected_message",
    ],
  ])("%s", (_, bend, alert) => {
    const { outcome, keys } = shake(bend);
    expect(outcome.server).toBe(alert);
    expect(keys.server).toBeUndefined();
  });

  test("a client whose certificate is not the one that was announced", () => {
    const { outcome, keys } = shake(undefined, { client: stranger });
    expect([outcome.server, keys.server]).toEqual(["bad_certificate", undefined]);
  });

  test("a client that knows the announced certificate but not its key", () => {
    const { outcome, keys } = shake(undefined, { client: { ...certificates.ECDSA, key: stranger.key } });
    expect([outcome.server, keys.server]).toEqual(["decrypt_error", undefined]);
  });

  test("a handshake whose extended_master_secret was taken out on the way", () => {
    const bend: Bend = (_, message) =>
      message.type === HANDSHAKE.clientHello
        ? [{ ...message, body: replaced(message.body, [0, 23, 0, 0], [0, 98, 0, 0]) }]
        : [message];
    expect(shake(bend).outcome.server).toBe("decrypt_error");
  });

  test("nothing for extensions that nobody knows, empty ones included", () => {
    const { seen } = shake(
      hello((body) => extended(extended(body, clientListAt, 0x1234), clientListAt, 0x5a5a, [1])),
    );
    expect(seen.some(({ message }) => message.type === HANDSHAKE.serverHelloDone)).toBe(true);
  });
});

describe("a client refuses", () => {
  const hello = (bend: (body: Uint8Array) => Uint8Array) => bending("server", HANDSHAKE.serverHello, bend);
  const exchange = (bend: (body: Uint8Array) => Uint8Array) =>
    bending("server", HANDSHAKE.serverKeyExchange, bend);
  const doubled = (type: number): Bend => (from, message) =>
    from === "server" && message.type === type ? [message, message] : [message];
  const instead = (type: number, by: number): Bend => (from, message) =>
    from === "server" && message.type === type ? [{ ...message, type: by }] : [message];
  const retry: Bend = (from, message) =>
    from === "server" && message.type === HANDSHAKE.serverHello
      ? [0, 1].map(() => ({
        ...message,
        type: HANDSHAKE.helloVerifyRequest,
        body: join(uint(0xfefd, 2), vector(1, uint(7, 1))),
      }))
      : [message];

  test.each<[string, Bend, string]>([
    ["DTLS 1.0", hello((b) => join(uint(0xfeff, 2), b.subarray(2))), "protocol_version"],
    [
      "a suite that it did not offer",
      hello((b) => replaced(b, [0xc0, 0x2b], [0xc0, 0x0a])),
      "illegal_parameter",
    ],
    [
      "the suite of another kind of certificate",
      hello((b) => replaced(b, [0xc0, 0x2b], [0xc0, 0x2f])),
      "illegal_parameter",
    ],
    ["compression", hello((b) => replaced(b, [0xc0, 0x2b, 0], [0xc0, 0x2b, 1])), "illegal_parameter"],
    [
      "an SRTP profile that it did not offer",
      hello((b) => replaced(b, [0, 2, 0, 7, 0], [0, 2, 0, 2, 0])),
      "handshake_failure",
    ],
    [
      "two SRTP profiles",
      hello((b) =>
        replaced(b, [0, 14, 0, 5, 0, 2, 0, 7, 0], [0, 14, 0, 7, 0, 4, 0, 7, 0, 1, 0])
          .map((byte, i) => i === serverListAt + 1 ? byte + 2 : byte)
      ),
      "illegal_parameter",
    ],
    [
      "an MKI",
      hello((b) =>
        replaced(b, [0, 14, 0, 5, 0, 2, 0, 7, 0], [0, 14, 0, 6, 0, 2, 0, 7, 1, 1])
          .map((byte, i) => i === serverListAt + 1 ? byte + 1 : byte)
      ),
      "illegal_parameter",
    ],
    ["no SRTP profile", hello((b) => replaced(b, [0, 14, 0, 5], [0, 99, 0, 5])), "handshake_failure"],
    ["an extension that comes twice", hello((b) => extended(b, serverListAt, 23)), "decode_error"],
    ["renegotiation", hello((b) => replaced(b, [0xff, 1, 0, 1, 0], [0xff, 1, 0, 1, 5])), "handshake_failure"],
    ["a second request for a cookie", retry, "unexpected_message"],
    [
      "a group that it did not offer",
      exchange((b) => replaced(b, [3, 0, 29], [3, 0, 24])),
      "illegal_parameter",
    ],
    ["a curve of the server's own", exchange((b) => flipped(b, 0)), "illegal_parameter"],
    ["another's signature over the key", exchange((b) => flipped(b, -1)), "decrypt_error"],
    ["a key that was not signed", exchange((b) => flipped(b, 8)), "decrypt_error"],
    ["bytes behind the signature", exchange((b) => join(b, uint(0, 1))), "decode_error"],
    [
      "a server without a key exchange",
      bending("server", HANDSHAKE.serverKeyExchange, () => null),
      "unexpected_message",
    ],
    [
      "a server without a certificate",
      bending("server", HANDSHAKE.certificate, () => null),
      "unexpected_message",
    ],
    ["a second request for a certificate", doubled(HANDSHAKE.certificateRequest), "unexpected_message"],
    [
      "bytes behind the request",
      bending("server", HANDSHAKE.certificateRequest, (b) => join(b, uint(0, 1))),
      "decode_error",
    ],
    ["a Finished before its time", instead(HANDSHAKE.serverHello, HANDSHAKE.finished), "unexpected_message"],
    ["a wrong Finished", bending("server", HANDSHAKE.finished, (b) => flipped(b, 0)), "decrypt_error"],
  ])("%s", (_, bend, alert) => {
    const { outcome, keys } = shake(bend);
    expect(outcome.client).toBe(alert);
    expect(keys.client).toBeUndefined();
  });

  test("a server whose certificate is not the one that was announced, before it makes a key", () => {
    const { outcome, seen } = shake(undefined, { server: stranger });
    expect(outcome.client).toBe("bad_certificate");
    expect(seen.some(({ message }) => message.type === HANDSHAKE.clientKeyExchange)).toBe(false);
  });

  test("the signature of another handshake", () => {
    const other =
      shake().seen.find(({ message }) => message.type === HANDSHAKE.serverKeyExchange)!.message.body;
    expect(shake(exchange(() => other)).outcome.client).toBe("decrypt_error");
  });

  test("nothing when a server does not ask for its certificate, and shows none then", () => {
    const { seen } = shake(bending("server", HANDSHAKE.certificateRequest, () => null));
    const types = seen.filter(({ from }) => from === "client").map(({ message }) => message.type);
    expect(types).toEqual([HANDSHAKE.clientHello, HANDSHAKE.clientKeyExchange, HANDSHAKE.finished]);
  });
});
