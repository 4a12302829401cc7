import { afterAll, expect, test } from "vitest";
import { startServer } from "./server.ts";

const folder = Deno.makeTempDirSync({ prefix: "kaskado_kit_" });
afterAll(() => Deno.removeSync(folder, { recursive: true }));

/** A program that obeys the server's contract as far as the kit relies on it. */
const obedient = `
const env = (name) => Deno.env.get("KASKADO_" + name) ?? "";
const starts = env("DATA_DIR") + "/starts";
Deno.writeTextFileSync(starts, "x", { append: true });
console.error("started with", env("BIND"), env("UDP_PORT"), env("EXTRA"));
Deno.addSignalListener("SIGTERM", () => Deno.exit(Number(env("EXIT_CODE") || "0")));
Deno.serve({ port: Number(env("HTTP_PORT")), hostname: "127.0.0.1", onListen() {} }, (request) =>
  new Response(Deno.readTextFileSync(starts), { status: request.url.endsWith("/readyz") ? 200 : 203 }));
`;

const program = (name: string, text: string) => {
  const path = `${folder}/${name}.ts`;
  Deno.writeTextFileSync(path, text);
  return path;
};

test("starts a program, hands it ports and a data directory, and stops it", async () => {
  const server = await startServer({
    program: program("obedient", obedient),
    env: { KASKADO_EXTRA: "more" },
  });
  expect((await (await fetch(server.baseUrl)).text()).length).toBe(1);
  expect(server.log()).toContain(`started with 127.0.0.1 ${server.udpPort} more`);
  expect(server.rssBytes()).toBeGreaterThan(10_000_000);
  await server.stop();
  expect(() => Deno.statSync(server.dataDir)).toThrow();
});

test("runs again on the same ports and data after a kill", async () => {
  const server = await startServer({ program: program("obedient", obedient) });
  const { pid, baseUrl } = server;
  await server.kill();
  await expect(fetch(baseUrl)).rejects.toThrow();
  await server.restart();
  expect(server.pid).not.toBe(pid);
  expect((await (await fetch(baseUrl)).text()).length).toBe(2);
  await server.stop();
});

test("fails at stop when the program does not end with 0", async () => {
  const server = await startServer({
    program: program("obedient", obedient),
    env: { KASKADO_EXIT_CODE: "3" },
  });
  await expect(server.stop()).rejects.toThrow("it ended with code 3");
});

test("fails at stop when the program had ended by itself before", async () => {
  const server = await startServer({ program: program("obedient", obedient) });
  Deno.kill(server.pid, "SIGTERM");
  await expect.poll(() => fetch(server.baseUrl).then(() => "up", () => "gone")).toBe("gone");
  // Its port closes a little before the system reports its end.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await expect(server.stop()).rejects.toThrow("it had ended by itself with code 0");
});

test("fails at once with what the program said when it ends before it is ready", async () => {
  const broken = program("broken", `console.error("the port is taken"); Deno.exit(1);`);
  await expect(startServer({ program: broken })).rejects.toThrow(/ended with code 1[^]*the port is taken/);
});
