import { sql } from "drizzle-orm";
import {
  type AnySQLiteColumn,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { MediaKind, PipelineOrigin, Recording, Session, Tags, Values } from "../graph/mod.ts";

/** Order of creation, which survives updates and vacuuming; a plain rowid would survive only the first. */
const position = () => integer("position").primaryKey();
const pipelineId = () =>
  text("pipeline_id").notNull().references(() => pipelines.id, { onDelete: "cascade" });
const elementId = (column: string) =>
  text(column).notNull().references(() => elements.id, { onDelete: "cascade" });

export const pipelines = sqliteTable("pipelines", {
  position: position(),
  id: text("id").notNull().unique(),
  name: text("name").notNull(),
  origin: text("origin").$type<PipelineOrigin>().notNull(),
  tags: text("tags", { mode: "json" }).$type<Tags>().notNull(),
  properties: text("properties", { mode: "json" }).$type<Values>().notNull(),
  createdAtMs: real("created_at_ms").notNull(),
  version: integer("version").notNull(),
}, (table) => [
  // Names are labels in Kurento's protocol, and pipelines of it may share them.
  uniqueIndex("pipelines_name_unique").on(table.name).where(sql`${table.origin} <> 'kurento'`),
]);

/**
 * Names are unique within a pipeline too, but not held by an index: one commit may swap two names, and rows are
 * written one after the other.
 */
export const elements = sqliteTable("elements", {
  position: position(),
  id: text("id").notNull().unique(),
  pipelineId: pipelineId(),
  type: text("type").notNull(),
  name: text("name").notNull(),
  options: text("options", { mode: "json" }).$type<Values>().notNull(),
  properties: text("properties", { mode: "json" }).$type<Values>().notNull(),
  tags: text("tags", { mode: "json" }).$type<Tags>().notNull(),
  sessionId: text("session_id"),
  createdAtMs: real("created_at_ms").notNull(),
  version: integer("version").notNull(),
  parentId: text("parent_id").references((): AnySQLiteColumn => elements.id, { onDelete: "cascade" }),
  kept: text("kept", { mode: "json" }).$type<Values>().notNull().default({}),
}, (table) => [
  index("elements_pipeline").on(table.pipelineId),
  index("elements_parent").on(table.parentId),
]);

export const connections = sqliteTable("connections", {
  position: position(),
  id: text("id").notNull().unique(),
  pipelineId: pipelineId(),
  source: elementId("source"),
  sink: elementId("sink"),
  media: text("media").$type<MediaKind>().notNull(),
  sourceDescription: text("source_description").notNull(),
  sinkDescription: text("sink_description").notNull(),
  createdAtMs: real("created_at_ms").notNull(),
}, (table) => [
  index("connections_pipeline").on(table.pipelineId),
  index("connections_source").on(table.source),
  index("connections_sink").on(table.sink),
]);

export const sessions = sqliteTable("sessions", {
  position: position(),
  id: text("id").notNull().unique(),
  kind: text("kind").$type<Session["kind"]>().notNull(),
  pipelineId: pipelineId(),
  elementId: elementId("element_id"),
  stream: text("stream"),
  state: text("state").$type<Session["state"]>().notNull(),
  remoteAddress: text("remote_address"),
  userAgent: text("user_agent"),
  createdAtMs: real("created_at_ms").notNull(),
}, (table) => [
  index("sessions_pipeline").on(table.pipelineId),
  index("sessions_element").on(table.elementId),
]);

/** The server itself as an object: one row, or none before a client changed anything of it. */
export const serverObject = sqliteTable("server_object", {
  position: position(),
  id: text("id").notNull().unique(),
  name: text("name").notNull(),
  tags: text("tags", { mode: "json" }).$type<Tags>().notNull(),
  properties: text("properties", { mode: "json" }).$type<Values>().notNull(),
});

/** No foreign keys: a file outlives the recorder that wrote it. */
export const recordings = sqliteTable("recordings", {
  position: position(),
  id: text("id").notNull().unique(),
  pipelineId: text("pipeline_id").notNull(),
  elementId: text("element_id").notNull(),
  profile: text("profile").notNull(),
  state: text("state").$type<Recording["state"]>().notNull(),
  durationMs: real("duration_ms").notNull(),
  tracks: text("tracks", { mode: "json" }).$type<Recording["tracks"]>().notNull(),
  createdAtMs: real("created_at_ms").notNull(),
});

/** No foreign keys: an event outlives what it tells of. */
export const events = sqliteTable("events", {
  seq: integer("seq").primaryKey(),
  type: text("type").notNull(),
  timeMs: real("time_ms").notNull(),
  pipelineId: text("pipeline_id"),
  elementId: text("element_id"),
  sessionId: text("session_id"),
  tags: text("tags", { mode: "json" }).$type<{ key: string; value: string }[]>().notNull(),
  data: text("data", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
});

export const idempotency = sqliteTable("idempotency", {
  key: text("key").notNull(),
  scope: text("scope").notNull(),
  fingerprint: text("fingerprint").notNull(),
  startedAtMs: real("started_at_ms").notNull(),
  /** Null while the request is in flight. */
  status: integer("status"),
  headers: text("headers", { mode: "json" }).$type<Record<string, string>>(),
  body: text("body"),
}, (table) => [
  primaryKey({ columns: [table.key, table.scope] }),
  index("idempotency_started").on(table.startedAtMs),
]);
