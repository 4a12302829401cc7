import type { Commands, ObjectView } from "../../command/mod.ts";
import type { Bindings } from "./bindings.ts";
import type { EventFeed } from "./event_feed.ts";
import type { ObjectIds } from "./object_ids.ts";
import type { ResourceLimits } from "./resource_limits.ts";
import type { Sessions } from "./sessions.ts";
import type { KurentoSettings } from "./settings.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** All that this door keeps, for its methods. */
export interface Books {
  readonly commands: Commands;
  readonly settings: KurentoSettings;
  /** Made once per process. */
  readonly serverId: string;
  readonly ids: ObjectIds;
  readonly sessions: Sessions;
  readonly subscriptions: Subscriptions;
  readonly bindings: Bindings;
  readonly feed: EventFeed;
  readonly limits: ResourceLimits;
}

/** The session touched an object: it and what it stands in are held from now on. */
export function touch({ ids, sessions }: Books, sessionId: string, view: ObjectView): void {
  sessions.hold(sessionId, ids.line(view));
}
