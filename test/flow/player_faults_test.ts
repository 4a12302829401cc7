import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PlaySpec, ProgramEvent } from "../../src/frame/mod.ts";
import { ffmpegCommandIsThere, makeClipFile, plainH264, reorderedH264 } from "../kit/clip_file.ts";
import { freeTcpPort } from "../kit/free_port.ts";
import { openPlayer, type PlayerUnderTest } from "../kit/player.ts";

const clip = {
  width: 320,
  height: 240,
  fps: 30,
  frameCount: 90,
  video: plainH264,
  audio: ["-c:a", "libopus"],
};
let dir = "";
const players: PlayerUnderTest[] = [];
beforeAll(async () => {
  dir = await Deno.makeTempDir({ prefix: "kaskado_play_" });
});
afterAll(() => Deno.remove(dir, { recursive: true }));
afterEach(async () => {
  for (const player of players.splice(0)) await player.close();
});

async function open(uri: string, spec: Partial<PlaySpec> = {}): Promise<PlayerUnderTest> {
  const player = await openPlayer(uri, { mediaDir: dir, ...spec });
  players.push(player);
  return player;
}

/** What comes of playing what cannot be played: one error, and the player is stopped. */
async function errorOf(player: PlayerUnderTest): Promise<{ kind: string; description: string }> {
  const count = player.eventsOf("error").length + 1;
  await player.program.call("play");
  await player.untilEvent("error", 15_000, count);
  await player.peer.until("the end", () => player.states().at(-1) === "stopped");
  expect(player.eventsOf("error").length).toBe(count);
  expect(player.eventsOf("endOfStream")).toEqual([]);
  return player.eventsOf("error").at(-1)!;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("what is not allowed", () => {
  test("is no URI, another scheme, a file elsewhere: INVALID_URI, and nothing of it is read", async () => {
    await Deno.writeTextFile(`${dir}/inside.txt`, "text");
    await Deno.symlink("/etc/passwd", `${dir}/link.mp4`);
    await Deno.symlink("/etc", `${dir}/folder`);
    await Deno.mkdir(`${dir}x`);
    await Deno.writeTextFile(`${dir}x/near.mp4`, "text");
    const refused = [
      ...["", "clip.mp4", "file:///etc/passwd", "http://", `file://${dir}/%2e%2e/%2e%2e/etc/passwd`],
      ...[
        `file://${dir}/link.mp4`,
        `file://${dir}/folder/passwd`,
        `file://${dir}x/near.mp4`,
        `file://${dir}`,
      ],
      ...["concat:/etc/passwd", "subfile,,start,0,end,9,,:/etc/passwd", "pipe:0", "tcp://127.0.0.1:22"],
    ];
    const kinds: [string, string][] = [];
    for (const uri of refused) {
      const player = await open(uri);
      kinds.push([uri, (await errorOf(player)).kind]);
      await players.pop()!.close();
    }
    expect(kinds).toEqual(refused.map((uri) => [uri, "INVALID_URI"]));
    await Deno.remove(`${dir}x`, { recursive: true });
  }, 90_000);

  test("is a host of a private network, by any of its names", async () => {
    let connections = 0;
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    (async () => {
      for await (const connection of listener) {
        connections++;
        connection.close();
      }
    })();
    const { port } = listener.addr as Deno.NetAddr;
    const hosts = [
      "127.0.0.1",
      "localhost",
      "0x7f.1",
      "2130706433",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "0.0.0.0",
      "10.0.0.1",
    ];
    const uris = [
      ...hosts.map((host) => `http://${host}:${port}/x.mp4`),
      ...["rtsp", "rtsps", "rtmp", "srt", "https"].map((scheme) => `${scheme}://127.0.0.1:${port}/x`),
    ];
    const kinds: [string, string][] = [];
    for (const uri of uris) {
      const player = await open(uri, { allowPrivateHosts: false });
      kinds.push([uri, (await errorOf(player)).kind]);
      await players.pop()!.close();
    }
    listener.close();
    expect(kinds).toEqual(uris.map((uri) => [uri, "INVALID_URI"]));
    expect(connections).toBe(0);
  }, 60_000);
});

describe("what is not there", () => {
  test("is RESOURCE_ERROR_OPEN: a file, a name, a port, a page", async () => {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
      return new Response("", { status: 404 });
    });
    const port = freeTcpPort();
    const uris = [
      ...[
        `file://${dir}/none.mp4`,
        "http://no-such-host.invalid/x",
        `http://127.0.0.1:${server.addr.port}/x.mp4`,
      ],
      ...["http", "rtsp", "rtmp"].map((scheme) => `${scheme}://127.0.0.1:${port}/x/y`),
    ];
    for (const uri of uris) {
      const player = await open(uri);
      expect([uri, (await errorOf(player)).kind]).toEqual([uri, "RESOURCE_ERROR_OPEN"]);
    }
    await server.shutdown();
  }, 60_000);

  test("a host that never answers: calls go on being answered, and a stop ends the waiting at once", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const silent = await Promise.all(
      ["http", "rtsp", "rtmp"].map((scheme) => open(`${scheme}://127.0.0.1:${port}/x/y`)),
    );
    // SRT has no listener there: it waits for an answer by UDP.
    silent.push(await open(`srt://127.0.0.1:${port}`));
    for (const player of silent) {
      await player.program.call("play");
      await pause(300);
      const startMs = performance.now();
      expect(await player.program.call("position")).toEqual({ positionMs: 0 });
      expect(performance.now() - startMs).toBeLessThan(200);
      await player.program.call("stop");
      expect(performance.now() - startMs).toBeLessThan(1500);
      expect(player.states()).toEqual(["playing", "stopped"]);
      expect(player.eventsOf("error")).toEqual([]);
    }
    listener.close();
  });

  test("a pipe and a folder are no media, and do not hold anybody up", async () => {
    await new Deno.Command("mkfifo", { args: [`${dir}/pipe.mp4`] }).output();
    await Deno.mkdir(`${dir}/some`);
    for (const name of ["pipe.mp4", "some"]) {
      expect((await errorOf(await open(`file://${dir}/${name}`))).kind).toBe("INVALID_MEDIA");
    }
  });
});

describe.runIf(ffmpegCommandIsThere())("in good company", () => {
  test("20 players start at once, and all of them play to the end", async () => {
    const path = await makeClipFile(`${dir}/twenty.mp4`, clip);
    const first = await open(`file://${path}`);
    // Nobody is there: this process would not keep up with all of them.
    const port = freeTcpPort();
    const others = Array.from({ length: 19 }, (_, index) => {
      const [events, failures]: [ProgramEvent[], string[]] = [[], []];
      const program = first.pool.open(`pipeline ${index % 3}`, specOf(path), port, {
        opened: () => {},
        event: (event) => events.push(event),
        failed: (reason) => failures.push(reason),
      });
      return { program, events, failures };
    });
    const all = [first, ...others];
    await Promise.all(all.map(({ program }) => program.call("play")));
    const isOver = ({ events }: { events: ProgramEvent[] }) =>
      events.some(({ type }) => type === "endOfStream");
    await first.peer.until("all ends", () => all.every(isOver), 20_000);
    for (const { program, failures } of all) {
      const { outputs } = await program.call("stats") as { outputs: { media: string; framesSent: number }[] };
      expect(outputs).toMatchObject([{ media: "video", framesSent: 90 }, { media: "audio" }]);
      expect(failures).toEqual([]);
    }
    others.forEach(({ program }) => program.close());
  }, 60_000);

  test("a killed worker is replaced, and its player plays again", async () => {
    const path = await makeClipFile(`${dir}/kill.mp4`, { ...clip, frameCount: 150, video: reorderedH264 });
    const player = await open(`file://${path}`);
    await player.program.call("play");
    await player.peer.until("pictures", () => player.peer.packets.length > 20);
    const pid = await workerOf(Deno.pid);
    Deno.kill(pid, "SIGKILL");
    await player.peer.until("its death", () => player.failures.length > 0);
    await player.untilEvent("endOfStream", 20_000);
    expect(player.failures).toEqual([{ reason: expect.stringContaining("SIGKILL"), restarting: true }]);
    expect(player.pictures().at(-1)?.counter).toBe(149);
    // Streams of the new worker have names of their own.
    expect(player.eventsOf("stream").length).toBe(4);
  }, 40_000);
});

function specOf(path: string): PlaySpec {
  return {
    kind: "play",
    uri: `file://${path}`,
    allowedSchemes: ["file"],
    mediaDir: dir,
    allowPrivateHosts: false,
    networkCacheMs: 2000,
    loop: false,
    reconnect: true,
    useEncodedMedia: false,
  };
}

/** The frame worker among the children of a process. */
async function workerOf(parent: number): Promise<number> {
  for await (const { name } of Deno.readDir("/proc")) {
    const stat = /^\d+$/.test(name) ? await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "") : "";
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) !== parent) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes("frame/worker/main.ts")) return Number(name);
  }
  throw new Error("There is no frame worker");
}
