import { expect, test } from "vitest";
import { bodyBase, iceTcpPort, linkHost, reachableAddresses, readConfig, settings } from "./config.ts";

test("without any variable everything has its default", () => {
  expect(readConfig({})).toMatchObject({
    httpPort: 8888,
    udpPort: 8888,
    bind: "",
    apiToken: null,
    strict: false,
    announcedAddresses: [],
    mediaCorsOrigins: ["*"],
    modulesDir: null,
    tlsPort: null,
    kurentoPath: "kurento",
    kurentoGcSeconds: 240,
    kurentoRequestCache: true,
    kurentoRegistrar: null,
    resourceLimit: 0.8,
    native: "auto",
  });
});

test("an empty variable is one that is not set", () => {
  const empty = Object.fromEntries(Object.values(settings).map(({ env }) => [env, ""]));
  expect(readConfig(empty)).toEqual(readConfig({}));
});

test("values are read from their text", () => {
  const config = readConfig({
    KASKADO_HTTP_PORT: "0",
    KASKADO_STRICT: "1",
    KASKADO_ANNOUNCED_ADDRESSES: "203.0.113.7, 2001:db8::1",
    KASKADO_ICE_SERVERS: "stun:stun.example:3478,user:pass@turn:turn.example:3478?transport=udp",
    KASKADO_API_TOKEN: "0123456789abcdef",
    KASKADO_STUN_SERVER: "[2001:db8::5]:3478",
    KASKADO_TURN_URL: "user:pass@192.0.2.5:3479?transport=tcp",
    KASKADO_EXTERNAL_IPV4: "203.0.113.9",
    KASKADO_ICE_TCP: "false",
    PATH: "/bin",
  });
  expect(config).toMatchObject({
    httpPort: 0,
    strict: true,
    announcedAddresses: ["203.0.113.7", "2001:db8::1"],
    apiToken: "0123456789abcdef",
    stunServer: { address: "2001:db8::5", port: 3478 },
    turnUrl: { address: "192.0.2.5", port: 3479, transport: "tcp", username: "user", credential: "pass" },
    externalIpv4: "203.0.113.9",
    iceTcp: false,
    iceServers: [
      { url: "stun:stun.example:3478" },
      { url: "turn:turn.example:3478?transport=udp", username: "user", credential: "pass" },
    ],
  });
});

test.each([
  ["KASKADO_HTTP_PORT", "70000"],
  ["KASKADO_UDP_PORT", "eighty"],
  ["KASKADO_PLANE_WORKERS", "0"],
  ["KASKADO_BIND", "localhost"],
  ["KASKADO_STRICT", "maybe"],
  ["KASKADO_ANNOUNCED_ADDRESSES", "203.0.113.7,example.org"],
  ["KASKADO_CONSENT_SECONDS", "1.5"],
  ["KASKADO_NATIVE", "magic"],
  ["KASKADO_LOG_LEVEL", "loud"],
  ["KASKADO_STUN_SERVER", "stun.example:3478"],
  ["KASKADO_STUN_SERVER", "192.0.2.5"],
  ["KASKADO_STUN_SERVER", "192.0.2.5:0"],
  ["KASKADO_EXTERNAL_IPV4", "2001:db8::1"],
  ["KASKADO_EXTERNAL_IPV6", "192.0.2.1"],
  ["KASKADO_ICE_TCP", "8889"],
  ["KASKADO_TLS_PORT", "-1"],
  ["KASKADO_KURENTO_PATH", "/kurento"],
  ["KASKADO_KURENTO_METADATA", "{a: 1}"],
  ["KASKADO_KURENTO_REGISTRAR", "http://registrar.example"],
  ["KASKADO_RESOURCE_LIMIT", "80"],
  ["KASKADO_MEDIA_SCHEMES", "file,udp"],
  ["KASKADO_MEDIA_SCHEMES", "FILE"],
])("%s=%s is refused in a sentence that names it", (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(
    new RegExp(`^Cannot start: ${name}="${value}": .+\\(.+\\)$`),
  );
});

test("a range of ports holds at least one pair that begins with an even one", () => {
  const range = (text: string) => readConfig({ KASKADO_RTP_PORTS: text }).rtpPorts;
  expect(range("")).toEqual({ least: 10_000, most: 19_999 });
  expect(range("1024-65535")).toEqual({ least: 1024, most: 65_535 });
  expect(range("5001-5003")).toEqual({ least: 5001, most: 5003 });
  for (const text of ["5001-5002", "5000-5000", "9000-8000", "0-100", "5000-70000", "5000", "5000-", "a-b"]) {
    expect(() => range(text), text).toThrow(/KASKADO_RTP_PORTS=".*": is no range/);
  }
});

test("what may be a secret is not shown in the refusal", () => {
  const refusal = (env: Record<string, string>) => {
    try {
      readConfig(env);
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refusal({ KASKADO_API_TOKEN: "hunter2" })).toMatch(/^Cannot start: KASKADO_API_TOKEN: is shorter/);
  expect(refusal({ KASKADO_API_TOKEN: "hunter2 and some spaces" })).toMatch(
    /^Cannot start: KASKADO_API_TOKEN: has char/,
  );
  expect(refusal({ KASKADO_ICE_SERVERS: "user:hunter2@http:x" })).not.toContain("hunter2");
});

test("a name that no setting has is refused, except those that Kubernetes gives", () => {
  expect(() => readConfig({ KASKADO_HTTP_PROT: "1" })).toThrow(/there is no setting KASKADO_HTTP_PROT/);
  readConfig({
    KASKADO_SERVICE_HOST: "10.0.0.1",
    KASKADO_SERVICE_PORT_HTTP: "8888",
    KASKADO_PORT: "tcp://10.0.0.1:8888",
    KASKADO_PORT_8888_TCP: "tcp://10.0.0.1:8888",
    KASKADO_PORT_8888_UDP_ADDR: "10.0.0.1",
  });
});

test("every setting says what it is for", () => {
  for (const { env, doc } of Object.values(settings)) expect(doc.length, env).toBeGreaterThan(10);
});

const address = (address: string, internal = false) => ({
  address,
  internal,
  family: address.includes(":") ? "IPv6" as const : "IPv4" as const,
  netmask: "",
  mac: "",
  cidr: null,
  scopeid: 0,
});
const interfaces = {
  lo: [address("127.0.0.1", true), address("::1", true)],
  eth0: [address("fe80::1"), address("2001:db8::5"), address("192.0.2.5")],
};

test("reachable addresses: IPv4 first, loopback last, link-local never", () => {
  const of = (bind: string) => reachableAddresses(bind, interfaces as never);
  expect(of("")).toEqual(["192.0.2.5", "2001:db8::5", "127.0.0.1", "::1"]);
  expect(of("0.0.0.0")).toEqual(["192.0.2.5", "127.0.0.1"]);
  expect(of("192.0.2.5")).toEqual(["192.0.2.5"]);
});

test("links say localhost only where that is where the server listens", () => {
  expect(linkHost("127.0.0.1")).toBe("localhost");
  expect(linkHost("192.0.2.5")).toBe("192.0.2.5");
  expect(linkHost("")).not.toBe("");
});

test("ICE over TCP has the numbers of the UDP ports, or the next that no door has", () => {
  const ports = (fields: Partial<Parameters<typeof iceTcpPort>[0]>, udpPort = 8888) =>
    iceTcpPort(
      {
        iceTcp: true,
        httpPort: 80,
        tlsPort: null,
        postPort: null,
        udpPort: 8888,
        planeWorkers: 1,
        ...fields,
      },
      udpPort,
    );
  expect(ports({})).toBe(8888);
  expect(ports({ iceTcp: false })).toBe(null);
  expect(ports({ httpPort: 8888 })).toBe(8889);
  expect(ports({ httpPort: 8888, tlsPort: 8889 })).toBe(8890);
  expect(ports({ httpPort: 8888, postPort: 8889 })).toBe(8890);
  expect(ports({ httpPort: 8889, planeWorkers: 4 }, 8891)).toBe(8895);
  expect(ports({ udpPort: 0, httpPort: 8888 }, 40_000)).toBe(40_000);
  expect(ports({ udpPort: 65_535, httpPort: 65_535 }, 65_535)).toBe(null);
});

test("a wrong TURN URL is not repeated, because it may hold a password", () => {
  expect(() => readConfig({ KASKADO_TURN_URL: "user:open-sesame@turn.example:3478" })).not.toThrow(
    /open-sesame/,
  );
  expect(() => readConfig({ KASKADO_TURN_URL: "user:open-sesame@turn.example:3478" })).toThrow(
    /KASKADO_TURN_URL/,
  );
});

test("bodies are sent to the public URL, else to the best address with the port for them", () => {
  const publicUrl = (text: string) => readConfig({ KASKADO_PUBLIC_URL: text }).publicUrl;
  expect(publicUrl("https://media.example.org/live//")).toBe("https://media.example.org/live");
  expect(publicUrl("")).toBeNull();
  for (const odd of ["media.example.org", "ftp://x", "https://x/?a=1", "https:// x", "http://"]) {
    expect(() => publicUrl(odd), odd).toThrow("KASKADO_PUBLIC_URL");
  }
  expect(bodyBase({ publicUrl: "https://x/y" }, ["192.0.2.1"], 8888)).toBe("https://x/y");
  expect(bodyBase({ publicUrl: null }, ["192.0.2.1", "127.0.0.1"], 8888)).toBe("http://192.0.2.1:8888");
  expect(bodyBase({ publicUrl: null }, ["2001:db8::1"], 80)).toBe("http://[2001:db8::1]:80");
  expect(bodyBase({ publicUrl: null }, [], 80)).toBe("http://localhost:80");
});
