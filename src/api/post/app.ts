import { type Context, Hono } from "hono";
import { AppError, type Clock } from "../../base/mod.ts";
import type { Commands } from "../../command/mod.ts";
import { answerError, mountPath, requestId, type ServerEnv } from "../http/mod.ts";
import { boundaryOf, openFilePart } from "./multipart.ts";

export interface PostSettings {
  /** Origins whose pages may send bodies, "*" for all. */
  corsOrigins: readonly string[];
  /** False while the server stops. */
  acceptingBodies(): boolean;
  clock: Clock;
}

/** Seconds after which a client may try a server that shuts down: about the time a restart takes. */
const RESTART_S = 5;

/**
 * The door at /post/{elementId}, where POST and PUT bring media: as the body itself, or as the file of a form
 * (multipart/form-data, RFC 7578). The path is the secret: whoever was told it may send. Answers 204 when the body was
 * read to its end. To be mounted at the root, before the REST door.
 */
export function createPostApp(commands: Commands, settings: PostSettings): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.onError(answerError);
  const take = (c: Context<ServerEnv>) => takeBody(commands, settings, c);
  app.use("/post/*", requestId());
  mountPath(app, "/post/{elementId}", { POST: take, PUT: take }, {
    cors: {
      origins: settings.corsOrigins,
      allowHeaders: ["Content-Type", "X-Request-Id"],
      exposeHeaders: ["Retry-After", "X-Request-Id"],
    },
    access: null,
  });
  return app;
}

async function takeBody(
  commands: Commands,
  settings: PostSettings,
  c: Context<ServerEnv>,
): Promise<Response> {
  if (!settings.acceptingBodies()) {
    throw new AppError("unavailable", "Cannot take the body: the server is ending, send it to another", {
      retryAfterSeconds: RESTART_S,
    });
  }
  const { body, headers } = c.req.raw;
  refuseEncoded(headers.get("Content-Encoding"));
  const boundary = boundaryOf(headers.get("Content-Type"));
  const whole = body ?? new Blob([]).stream();
  const media = boundary === null ? whole : await openFilePart(whole, boundary, settings.clock);
  await commands.postBody(c.req.param("elementId")!, media);
  return new Response(null, { status: 204 });
}

function refuseEncoded(encoding: string | null): void {
  if (encoding === null || /^(identity)?$/i.test(encoding.trim())) return;
  throw new AppError(
    "media_type_unsupported",
    `Cannot take the body: its content coding is ${encoding} vs none, send it as it is`,
  );
}
