import { expect, test } from "vitest";
import { OwnThread, type Seat } from "./own_thread.ts";

test("an encoder whose steps are short works on the thread of the process, once they were seen", () => {
  const seat = new OwnThread().enter();
  expect(seat.isOnOwnThread).toBe(false);
  seat.took(7);
  expect(seat.isOnOwnThread).toBe(true);
});

test("one whose steps become long leaves it to the others", () => {
  const seat = seatThatTook(new OwnThread(), 7);
  for (let i = 0; i < 30; i++) seat.took(40);
  expect(seat.isOnOwnThread).toBe(false);
  for (let i = 0; i < 60; i++) seat.took(7);
  expect(seat.isOnOwnThread).toBe(true);
});

test("one long step, as a keyframe's, changes nothing", () => {
  const seat = seatThatTook(new OwnThread(), 7);
  for (let i = 0; i < 30; i++) seat.took(7);
  seat.took(60);
  expect(seat.isOnOwnThread).toBe(true);
});

test("two encoders work side by side, on threads of the pool, until one is closed", () => {
  const thread = new OwnThread();
  const seats = [seatThatTook(thread, 7), seatThatTook(thread, 7)];
  expect(seats.map(({ isOnOwnThread }) => isOnOwnThread)).toEqual([false, false]);
  seats[0].leave();
  seats[0].leave();
  expect(seats[1].isOnOwnThread).toBe(true);
});

function seatThatTook(thread: OwnThread, tookMs: number): Seat {
  const seat = thread.enter();
  seat.took(tookMs);
  return seat;
}
