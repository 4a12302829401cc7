import type {
  Action,
  ProgramEvent,
  ProgramHandle,
  ProgramHandlers,
  ProgramWish,
} from "../../src/module/mod.ts";

/** A program that takes every call and lets the test play the worker. */
export class FakeProgram implements ProgramHandle {
  /** Operations in the order of their calls. */
  readonly calls: string[] = [];
  readonly inputs: (Record<string, unknown> | undefined)[] = [];
  closed = false;
  /** What calls are answered with, by operation; null without an entry. An Error refuses, a promise is waited for. */
  readonly answers: Record<string, unknown> = {};

  constructor(readonly wish: ProgramWish, readonly handlers: ProgramHandlers) {}

  async call(operation: string, input?: Record<string, unknown>): Promise<unknown> {
    this.calls.push(operation);
    this.inputs.push(input);
    const answer = await this.answers[operation];
    if (answer instanceof Error) throw answer;
    return answer ?? null;
  }

  close(): void {
    this.closed = true;
  }

  /** What the element wants done about an event of the worker. */
  tell(event: ProgramEvent): Action[] {
    return this.handlers.event(event);
  }
}
