import * as ndc from "node-datachannel";
import { describe, expect, test } from "vitest";
import { firstOfEachFlight, type LoopbackPeer, openLoopback, publisher } from "../kit/loopback_peer.ts";

const h264 = "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1";

/** A libdatachannel connection (OpenSSL inside, as in OBS) with one Opus and one H264 track. */
function openConnection(direction: ndc.Direction, files: Partial<ndc.RtcConfig> = {}): ndc.PeerConnection {
  const connection = new ndc.PeerConnection("test", {
    iceServers: [],
    disableAutoNegotiation: true,
    ...files,
  });
  const audio = new ndc.Audio("0", direction);
  audio.addOpusCodec(111);
  if (direction === "SendOnly") audio.addSSRC(1001, "cname", "stream", "audio");
  const video = new ndc.Video("1", direction);
  video.addH264Codec(96, h264);
  if (direction === "SendOnly") video.addSSRC(1002, "cname", "stream", "video");
  tracks.push(connection.addTrack(audio), connection.addTrack(video));
  return connection;
}

/** Tracks must stay referenced: the binding frees what the collector takes. */
const tracks: ndc.Track[] = [];

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

async function offerOf(connection: ndc.PeerConnection): Promise<string> {
  connection.setLocalDescription("offer" as ndc.DescriptionType);
  await until(() => connection.localDescription() !== null);
  return connection.localDescription()!.sdp;
}

async function connect(
  setup: "actpass" | "passive",
  drops?: Parameters<typeof openLoopback>[1],
  address?: Parameters<typeof openLoopback>[2],
) {
  const ours = await openLoopback({ ...publisher, whip: "whip" }, drops, address);
  const connection = openConnection("SendOnly");
  const offer = (await offerOf(connection)).replaceAll("a=setup:actpass", `a=setup:${setup}`);
  const answer = ours.peer.processOffer(offer);
  connection.setRemoteDescription(answer, "answer" as ndc.DescriptionType);
  return { ours, connection, offer, answer };
}

async function expectConnected(ours: LoopbackPeer, connection: ndc.PeerConnection): Promise<void> {
  await ours.keysCame;
  await until(() => connection.state() === "connected");
  expect(ours.keys).toHaveLength(1);
  expect(ours.ended).toEqual([]);
}

/** An RSA certificate that OpenSSL made, as files for libdatachannel; its own are ECDSA. */
async function rsaFiles(): Promise<Pick<ndc.RtcConfig, "certificatePemFile" | "keyPemFile">> {
  const directory = await Deno.makeTempDir();
  const [certificatePemFile, keyPemFile] = [`${directory}/certificate.pem`, `${directory}/key.pem`];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]
    .concat("-keyout", keyPemFile, "-out", certificatePemFile);
  await new Deno.Command("openssl", { args, stderr: "null" }).output();
  return { certificatePemFile, keyPemFile };
}

async function close(ours: LoopbackPeer, connection: ndc.PeerConnection): Promise<void> {
  connection.close();
  await ours.close();
}

describe("with libdatachannel", () => {
  test("its offer without candidates connects, we being the DTLS server", async () => {
    const { ours, connection, answer } = await connect("actpass");
    await expectConnected(ours, connection);
    expect(answer).toContain("a=setup:passive");
    expect(ours.peer.media.map((m) => m.remoteSsrcs.map((s) => s.ssrc))).toEqual([[1001], [1002]]);
    await close(ours, connection);
  });

  test("it connects over IPv6", async () => {
    const { ours, connection, answer } = await connect("actpass", undefined, "::1");
    await expectConnected(ours, connection);
    expect(answer).toContain("c=IN IP6 ::1\r\n");
    expect(ours.selected[0]).toMatch(/^::1:/);
    await close(ours, connection);
  });

  test("it connects when we are the DTLS client", async () => {
    const { ours, connection, answer } = await connect("passive");
    await expectConnected(ours, connection);
    expect(answer).toContain("a=setup:active");
    await close(ours, connection);
  });

  test("as DTLS server the handshake outlives the loss of every flight's first datagram", async () => {
    const { ours, connection } = await connect("actpass", firstOfEachFlight());
    await expectConnected(ours, connection);
    await close(ours, connection);
  });

  test("as DTLS client the handshake outlives the loss of every flight's first datagram", async () => {
    const { ours, connection } = await connect("passive", firstOfEachFlight());
    await expectConnected(ours, connection);
    await close(ours, connection);
  });

  test("our closing ends its connection", async () => {
    const { ours, connection } = await connect("actpass");
    await expectConnected(ours, connection);
    ours.peer.close();
    await until(() => ["disconnected", "failed", "closed"].includes(connection.state()));
    await close(ours, connection);
  });

  test("it answers an offer of ours and connects", async () => {
    const ours = await openLoopback({ ...publisher, send: true });
    const connection = new ndc.PeerConnection("answerer", { iceServers: [] });
    const offer = ours.peer.generateOffer({ audio: true, video: true });
    connection.setRemoteDescription(offer, "offer" as ndc.DescriptionType);
    await until(() => connection.localDescription() !== null);
    ours.peer.processAnswer(connection.localDescription()!.sdp);
    await expectConnected(ours, connection);
    await close(ours, connection);
  });

  test("a fingerprint of another certificate fails the handshake on our side", async () => {
    const ours = await openLoopback(publisher);
    const connection = openConnection("SendOnly");
    const offer = (await offerOf(connection)).replace(/(a=fingerprint:sha-256 )../, (_, head) => `${head}00`);
    connection.setRemoteDescription(ours.peer.processOffer(offer), "answer" as ndc.DescriptionType);
    expect(await ours.hasEnded).toBe("dtlsFailed");
    expect(ours.keys).toEqual([]);
    await close(ours, connection);
  });

  test.each(
    [
      ["RSA", "ECDSA", "passive"],
      ["RSA", "ECDSA", "active"],
      ["RSA", "RSA", "passive"],
      ["RSA", "RSA", "active"],
      ["ECDSA", "RSA", "passive"],
      ["ECDSA", "RSA", "active"],
    ] as const,
  )("our certificate being %s and its own %s, we being %s, it connects", async (own, its, setup) => {
    const ours = await openLoopback({ ...publisher, certificateKeyType: own });
    const connection = openConnection("SendOnly", its === "RSA" ? await rsaFiles() : {});
    const offered = setup === "active" ? "passive" : "actpass";
    const offer = (await offerOf(connection)).replaceAll("a=setup:actpass", `a=setup:${offered}`);
    const answer = ours.peer.processOffer(offer);
    expect(answer).toContain(`a=setup:${setup}`);
    connection.setRemoteDescription(answer, "answer" as ndc.DescriptionType);
    await expectConnected(ours, connection);
    await close(ours, connection);
  });
});
