import { Buffer } from "node:buffer";
import { classes, Message, methods, parseMessage } from "werift";
import { describe, expect, test } from "vitest";
import { PlaneRig, type RigPeer } from "../../test/kit/plane_rig.ts";
import type { IceConsent } from "./control.ts";

const ours = { ufrag: "ours", password: "our-password-of-24-chars" };
const theirs = { ufrag: "theirs", password: "their-password-of-22-ch" };

type Attributes = ConstructorParameters<typeof Message>[3];

/** A message by werift, which shares no line with what is tested. */
function message(
  kind: classes,
  attributes: Attributes,
  password: string,
  transactionId?: Buffer,
): Uint8Array {
  const written = new Message(
    methods.BINDING,
    kind,
    transactionId ?? Buffer.from("0123456789ab"),
    attributes,
  );
  return new Uint8Array(written.addMessageIntegrity(Buffer.from(password)).addFingerprint().bytes);
}

const check = (attributes: Attributes = [["ICE-CONTROLLING", 5n]], password = ours.password) =>
  message(classes.REQUEST, [["USERNAME", "ours:theirs"], ["PRIORITY", 77], ...attributes!], password);

const consent: IceConsent = {
  username: "ours:theirs",
  localPassword: ours.password,
  remotePassword: theirs.password,
  controlling: false,
  request: message(
    classes.REQUEST,
    [["USERNAME", "theirs:ours"], ["PRIORITY", 9], ["ICE-CONTROLLED", 7n]],
    theirs.password,
  ),
  periodMs: 5000,
};

function open(wish: Partial<IceConsent> = {}): { rig: PlaneRig; peer: RigPeer } {
  const rig = new PlaneRig();
  const peer = rig.openPeer();
  rig.apply({ do: "keepConsent", transport: 1, consent: { ...consent, ...wish } });
  return { rig, peer };
}

/** Lets `bytes` arrive from the peer; what was passed up, and what the peer got. */
function afterwards({ rig, peer }: { rig: PlaneRig; peer: RigPeer }, bytes: Uint8Array) {
  rig.deliver(peer, bytes);
  rig.turn();
  return { passedUp: rig.eventsOf("datagram").splice(0).length, answers: peer.stun.splice(0) };
}

const read = (bytes: Uint8Array, password: string) =>
  parseMessage(Buffer.from(bytes), Buffer.from(password))!;

describe("checks of the peer", () => {
  test("are answered with the address they came from, and nobody is woken", () => {
    const { passedUp, answers } = afterwards(open(), check());
    expect(passedUp).toBe(0);
    const answer = read(answers[0], ours.password);
    expect(answer.messageClass).toBe(classes.RESPONSE);
    expect(answer.transactionId.toString()).toBe("0123456789ab");
    expect(answer.getAttributeValue("XOR-MAPPED-ADDRESS")).toEqual(["192.0.2.1", 5001]);
  });

  test("are answered with or without a nomination, a role and a fingerprint", () => {
    const scene = open();
    const plain = new Message(methods.BINDING, classes.REQUEST, Buffer.from("0123456789ab"), [[
      "USERNAME",
      "ours:theirs",
    ]]);
    const without = new Uint8Array(plain.addMessageIntegrity(Buffer.from(ours.password)).bytes);
    for (const bytes of [check([["ICE-CONTROLLING", 5n], ["USE-CANDIDATE", null]]), check([]), without]) {
      const { passedUp, answers } = afterwards(scene, bytes);
      expect([passedUp, answers.length]).toEqual([0, 1]);
    }
  });

  test("are passed up when the control side must look at them, and when they are not authentic", () => {
    const scene = open();
    const wrongPrint = check();
    wrongPrint[wrongPrint.length - 1] ^= 1;
    const other = message(classes.REQUEST, [["USERNAME", "newer:theirs"]], ours.password);
    const none = message(classes.REQUEST, [["PRIORITY", 1]], ours.password);
    for (const bytes of [check([["ICE-CONTROLLED", 5n]]), check([], "wrong"), wrongPrint, other, none]) {
      const { passedUp, answers } = afterwards(scene, bytes);
      expect([passedUp, answers.length]).toEqual([1, 0]);
      scene.rig.events.length = 0;
    }
  });

  test("from an address that is admitted but not selected are passed up", () => {
    const { rig } = open();
    const elsewhere = { address: "192.0.2.1", port: 9 };
    rig.apply({ do: "admit", transport: 1, address: elsewhere });
    rig.udp.deliver(elsewhere, check());
    rig.turn();
    expect(rig.eventsOf("datagram")).toHaveLength(1);
    expect(rig.udp.sent).toEqual([]);
  });

  test("are passed up before a pair is kept, after that was taken back, and once another was selected", () => {
    const scene = open();
    const { rig } = scene;
    rig.apply({ do: "keepConsent", transport: 1, consent: null });
    expect(afterwards(scene, check()).answers).toEqual([]);
    rig.apply({ do: "keepConsent", transport: 1, consent });
    expect(afterwards(scene, check()).answers).toHaveLength(1);
    rig.apply({ do: "select", transport: 1, address: scene.peer.address });
    expect(afterwards(scene, check()).answers).toEqual([]);
  });
});

describe("checks of ours", () => {
  /** The checks that the peer got, each with the milliseconds since the start. */
  function checksWithin({ rig, peer }: { rig: PlaneRig; peer: RigPeer }, ms: number) {
    const startMs = rig.nowMs;
    const checks: { atMs: number; message: Message }[] = [];
    while (rig.nowMs < startMs + ms) {
      rig.turn(50);
      for (const bytes of peer.stun.splice(0)) {
        checks.push({ atMs: rig.nowMs - startMs, message: read(bytes, theirs.password) });
      }
    }
    return checks;
  }

  const answerTo = (asked: Message, password = theirs.password) =>
    message(classes.RESPONSE, [["XOR-MAPPED-ADDRESS", ["192.0.2.9", 1]]], password, asked.transactionId);

  test("go out every five seconds or so, signed, each under its own transaction id", () => {
    const checks = checksWithin(open(), 60_000);
    expect(checks.length).toBeGreaterThanOrEqual(9);
    expect(checks.length).toBeLessThanOrEqual(15);
    expect(new Set(checks.map(({ message }) => message.transactionIdHex)).size).toBe(checks.length);
    for (const [i, { atMs, message }] of checks.entries()) {
      expect(message.messageClass).toBe(classes.REQUEST);
      expect(message.getAttributeValue("USERNAME")).toBe("theirs:ours");
      expect(message.getAttributeValue("ICE-CONTROLLED")).toBe(7n);
      const since = atMs - (checks[i - 1]?.atMs ?? 0);
      expect(since).toBeGreaterThanOrEqual(3950);
      expect(since).toBeLessThanOrEqual(6100);
    }
  });

  test("are told of when they are answered, once, and many transports at one time", () => {
    const scene = open();
    const [{ message: asked }] = checksWithin(scene, 6100);
    expect(afterwards(scene, answerTo(asked)).passedUp).toBe(0);
    scene.rig.run(300);
    expect(scene.rig.eventsOf("consent")).toEqual([{ on: "consent", transports: [1] }]);
    // A second answer is none of ours any more.
    expect(afterwards(scene, answerTo(asked)).passedUp).toBe(1);
    scene.rig.run(300);
    expect(scene.rig.eventsOf("consent")).toHaveLength(1);
  });

  test("are not told of when the answer has another signature, transaction or address", () => {
    const scene = open();
    const [{ message: asked }] = checksWithin(scene, 6100);
    afterwards(scene, answerTo(asked, "wrong"));
    afterwards(scene, message(classes.RESPONSE, [], theirs.password, Buffer.from("ba9876543210")));
    scene.rig.udp.deliver({ address: "192.0.2.77", port: 5001 }, answerTo(asked));
    scene.rig.run(300);
    expect(scene.rig.eventsOf("consent")).toEqual([]);
    expect(scene.rig.eventsOf("datagram")).toHaveLength(3);
    // The right one still counts after all that.
    afterwards(scene, answerTo(asked));
    scene.rig.run(300);
    expect(scene.rig.eventsOf("consent")).toHaveLength(1);
  });

  test("may be answered after the next one has gone out", () => {
    const scene = open({ periodMs: 200 });
    const checks = checksWithin(scene, 1000);
    expect(checks.length).toBeGreaterThanOrEqual(4);
    afterwards(scene, answerTo(checks.at(-3)!.message));
    scene.rig.run(300);
    expect(scene.rig.eventsOf("consent")).toHaveLength(1);
  });

  test("error responses, indications and other methods are passed up", () => {
    const scene = open();
    const [{ message: asked }] = checksWithin(scene, 6100);
    for (const kind of [classes.ERROR, classes.INDICATION]) {
      expect(afterwards(scene, message(kind, [], theirs.password, asked.transactionId)).passedUp).toBe(1);
      scene.rig.events.length = 0;
    }
  });
});

test("a wish without a signed request, for a closed transport or before a pair is selected is a stale command", () => {
  const { rig } = open();
  const stale = () => rig.stats().drops.staleCommand;
  const cut = consent.request.slice(0, consent.request.length - 32);
  for (const request of [new Uint8Array(0), new Uint8Array(30), cut]) {
    rig.apply({ do: "keepConsent", transport: 1, consent: { ...consent, request } });
  }
  rig.apply({ do: "keepConsent", transport: 99, consent });
  rig.apply({ do: "openTransport", transport: 50 });
  rig.apply({ do: "keepConsent", transport: 50, consent });
  expect(stale()).toBe(5);
});
