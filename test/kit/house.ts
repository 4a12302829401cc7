import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AppError } from "../../src/base/mod.ts";
import {
  type Commands,
  type CommandSettings,
  createCommands,
  type House,
  restore,
} from "../../src/command/mod.ts";
import { Engine, type FrameRoom, MediaPlane } from "../../src/engine/mod.ts";
import { EventBus, type EventEnvelope } from "../../src/event/mod.ts";
import { type Definition, Registry } from "../../src/graph/mod.ts";
import { loadElements } from "../../src/module/load.ts";
import { type IceOptions, openCertificates } from "../../src/peer/mod.ts";
import { openStore, type Store } from "../../src/store/mod.ts";
import { FakePlane } from "./fake_plane.ts";
import { VirtualClock } from "./virtual_clock.ts";

export interface HouseOptions {
  settings?: Partial<CommandSettings>;
  /** Element types beside the real ones. */
  definitions?: readonly Definition[];
  /** Rows of an earlier life, which are brought back; by default an empty database in memory. */
  store?: Store;
  /** The frame room; by default the server runs without. */
  frames?: FrameRoom;
}

/** The whole server below its doors: real elements, real peers, a database in memory; no packets and no time. */
export interface TestHouse {
  readonly house: House;
  readonly commands: Commands;
  readonly clock: VirtualClock;
  readonly plane: FakePlane;
  readonly store: Store;
  /** Makes commits fail while it is set, as a full disk would. */
  fault: { commit: Error | null };
  /** Every event that was committed, or those with a number above `after`. */
  events(after?: number): EventEnvelope[];
  /** Until everything that can happen without time or packets has happened. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

export const turnDeadlineMs = 10_000;
const elementsDirectory = fileURLToPath(new URL("../../src/elements/", import.meta.url));
const certificates = openCertificates();

/** Host candidates and nothing else. */
export const noIce: IceOptions = {
  networkInterfaces: [],
  externalIPv4: "",
  externalIPv6: "",
  stunServer: null,
  turnServer: null,
  tcp: false,
};

/** The registry of the server, with some more types. */
export async function openRegistry(definitions: readonly Definition[] = []): Promise<Registry> {
  const registry = new Registry();
  await loadElements(elementsDirectory, registry);
  for (const definition of definitions) registry.register(definition, "the test");
  return registry;
}

/** Opens a house; what `store` holds is brought back as after a restart. */
export async function openHouse(options: HouseOptions = {}): Promise<TestHouse> {
  const clock = new VirtualClock();
  const plane = new FakePlane();
  const media = new MediaPlane(plane, {
    clock,
    certificates: await certificates,
    addresses: ["127.0.0.1"],
    iceDefaults: noIce,
    connectMs: 15_000,
    consentMs: 30_000,
    rtpPorts: { least: 10_000, most: 19_999 },
  });
  plane.hearWith((events) => media.hear(events));
  const store = options.store ?? openStore(":memory:");
  const registry = await openRegistry(options.definitions);
  const bus = new EventBus(1000);
  const fault: TestHouse["fault"] = { commit: null };
  const commit: ConstructorParameters<typeof Engine>[0]["commit"] = (change) => {
    if (fault.commit) throw fault.commit;
    bus.publish(store.commit(change));
  };
  const frames = options.frames ?? null;
  const engine = new Engine({
    registry,
    planes: [media],
    frames,
    clock,
    turnDeadlineMs,
    commit,
    bodyUrl: (elementId) => `http://server.example/post/${elementId}`,
  });
  const house = { engine, store, bus, registry, clock, settings: settingsWith(clock, options.settings) };
  await restore(house);
  const opened = { house, commands: createCommands(house), clock, plane, store, fault };
  return {
    ...opened,
    events: (after = 0) => store.events.readSince(after, 100_000),
    quiet,
    close: () => engine.close(),
  };
}

function settingsWith(clock: VirtualClock, settings: Partial<CommandSettings> = {}): CommandSettings {
  return {
    version: "0.0.0",
    startedAtMs: clock.now(),
    maxPipelines: 100,
    maxElementsPerPipeline: 100,
    maxSessions: 100,
    idleStreamMs: 60_000,
    counterOfferMs: 30_000,
    addresses: ["127.0.0.1"],
    mediaDir: "/nowhere/media",
    metadata: "",
    dotDir: null,
    ...settings,
  };
}

/** Turns are microtasks; a few rounds of the event loop outlast every chain of them. */
async function quiet(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setTimeout(resolve, 0));
}

const sdp = (name: string) => readFileSync(new URL(`../data/sdp/${name}.sdp`, import.meta.url), "utf8");

/** Offers of a Chromium, as it made them. */
export const offers = { publish: sdp("chromium_camera"), watch: sdp("chromium_watch") };

/** A session request as a door makes it. */
export function request(
  kind: "whip" | "whep",
  place: { stream: string } | { elementId: string },
  offer?: string | null,
) {
  return {
    kind,
    place,
    offer: offer === undefined ? offers[kind === "whip" ? "publish" : "watch"] : offer,
    remoteAddress: "192.0.2.1",
    userAgent: "test",
  };
}

/** The error of a promise that must fail; a promise that does not is a failure of the test. */
export async function refusalOf(work: Promise<unknown> | (() => unknown)): Promise<AppError> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    return error as AppError;
  }
  throw new Error("Cannot give a refusal: it succeeded");
}
