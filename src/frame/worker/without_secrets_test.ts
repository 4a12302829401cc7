import { expect, test } from "vitest";
import { withoutSecrets } from "./without_secrets.ts";

test.each([
  ["user:sec@ret/secret@host/x?key=secret", "host/x"],
  ["gopher://user:secret@host/x#part", "gopher://host/x"],
  ["folder/clip.mp4", "folder/clip.mp4"],
])("of %j %j is shown", (uri, shown) => {
  expect(withoutSecrets(uri)).toBe(shown);
});
