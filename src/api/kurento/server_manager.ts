import type { Books } from "./books.ts";

/** Properties of the server object that only this door knows; the others are the command layer's. */
export const serverProperties: Readonly<Record<string, ((books: Books) => unknown) | undefined>> = {
  sessions: ({ sessions }) => sessions.ids(),
};
