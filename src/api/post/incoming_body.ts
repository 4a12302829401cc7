import type { IncomingMessage } from "node:http";

/**
 * The body of a request as a stream, read no faster than it is taken. It errs where the client went away before the
 * body's end, after what had come of it.
 */
export function incomingBody(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  let isBroken = false;
  const breakOff = () => isBroken = !message.complete;
  message.once("close", breakOff);
  message.once("error", breakOff);
  // The client says that nothing more comes: bytes of this body may still wait here, but its end is not among them.
  message.socket.once("end", breakOff);
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const bytes: Uint8Array<ArrayBuffer> | null = message.read();
        if (bytes) return controller.enqueue(bytes);
        if (message.readableEnded) return controller.close();
        if (isBroken) return controller.error(new Error("the client went away before the end of its body"));
        await change(message);
      }
    },
    cancel: () => void message.resume(),
  }, { highWaterMark: 0 });
}

/** Resolves when there may be something new to see. */
function change(message: IncomingMessage): Promise<void> {
  const { socket } = message;
  return new Promise((resolve) => {
    const seen = () => {
      for (const name of ["readable", "end", "error", "close"]) message.off(name, seen);
      socket.off("end", seen);
      resolve();
    };
    for (const name of ["readable", "end", "error", "close"]) message.on(name, seen);
    socket.on("end", seen);
  });
}
