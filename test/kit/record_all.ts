import type { MediaServer } from "./media_server.ts";

/** Records a file of the media folder to all these URIs at once: one player feeds all recorders, and ends them. */
export async function recordAll(
  media: MediaServer,
  played: string,
  recordings: readonly (readonly [string, Record<string, unknown>, ...unknown[]])[],
): Promise<void> {
  const recorders = recordings.map(([uri, options]) => ({
    type: "RecorderEndpoint",
    name: uri,
    options: { uri, stopOnEndOfStream: true, ...options },
  }));
  const ids = await media.make(
    [{ type: "PlayerEndpoint", name: "player", options: { uri: played } }, ...recorders],
    recorders.map(({ name }) => ({ source: "player", sink: name })),
  );
  for (const { name } of recorders) await media.call(ids[name], "record");
  await media.call(ids.player, "play");
  for (const { name } of recorders) await media.event(ids[name], "Stopped", () => true, 30_000);
}
