import { expect, test } from "vitest";
import { keyframeRequests, openStream, vp8 } from "../../test/kit/plane_rig.ts";

const deaf = { ...vp8, feedback: { ...vp8.feedback, nack: false, pli: false, fir: false } };

/** Keyframes that a publisher is asked for, and sends, in 21 s. */
function asked(payload: typeof vp8): number {
  const { rig, publisher, encoder } = openStream({ sender: { payloads: [payload] } });
  encoder.send(true);
  rig.turn();
  publisher.rtcp.length = 0;
  let count = 0;
  for (let frame = 0; frame < 700; frame++) {
    const isAsked = keyframeRequests(publisher).length > 0;
    if (isAsked) count++;
    publisher.rtcp.length = 0;
    encoder.send(isAsked);
    rig.turn(30);
  }
  return count;
}

test("for viewers that cannot ask the publisher is asked every five seconds, for others never", () => {
  expect(asked(deaf)).toBe(4);
  expect(asked(vp8)).toBe(0);
});
