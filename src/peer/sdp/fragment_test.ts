import { describe, expect, test } from "vitest";
import { hostCandidates } from "../ice/local_candidates.ts";
import { parseFragment, writeFragment } from "./fragment.ts";

const password = "asd88fgpdd777uzjYhagZg";

describe("an ICE fragment", () => {
  test("is read with credentials above or below the m-line", () => {
    const above = `a=ice-ufrag:EsAw\r\na=ice-pwd:${password}\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n`;
    const below = `m=audio 9 RTP/AVP 0\na=mid:0\na=ice-ufrag:EsAw\na=ice-pwd:${password}\n`;
    for (const text of [above, below]) expect(parseFragment(text)).toMatchObject({ ufrag: "EsAw", password });
  });

  test("carries candidates, and those of unknown form fall out", () => {
    const text =
      "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 5 192.0.2.1 61764 typ host\r\na=candidate:x\r\n";
    expect(parseFragment(text).candidates.map((c) => c.address)).toEqual(["192.0.2.1"]);
  });

  test("that is malformed is refused", () => {
    expect(() => parseFragment("{}")).toThrow(/ICE fragment/);
    expect(() => parseFragment("a=ice-ufrag:EsAw\r\n")).toThrow(/half of the ICE credentials/);
    expect(() => parseFragment("a=ice-ufrag:E\r\na=ice-pwd:x\r\n")).toThrow(/malformed/);
    expect(() => parseFragment("a=b\r\n".repeat(50_000))).toThrow(/bytes/);
  });

  test("of ours can be read again", () => {
    const local = { candidates: hostCandidates(["192.0.2.7"], 8888), complete: true };
    const text = writeFragment(
      { ufrag: "abcd", password, trickle: true },
      { kind: "audio", mid: "0" },
      local,
    );
    expect(parseFragment(text)).toMatchObject({
      ufrag: "abcd",
      password,
      candidates: [{ address: "192.0.2.7" }],
    });
    expect(text).toContain("a=end-of-candidates\r\n");
  });
});
