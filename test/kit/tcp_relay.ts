import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP relay on loopback that can cut what runs through it, as a network does. */
export interface TcpRelay {
  readonly port: number;
  /** Resets every connection that is open now; new ones are taken. */
  cut(): void;
  close(): Promise<void>;
}

export async function openTcpRelay(toPort: number): Promise<TcpRelay> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(toPort, "127.0.0.1");
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      socket.on("error", () => {});
    }
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await listening(server);
  const cut = () => [...open].forEach((socket) => socket.destroy());
  return {
    port: (server.address() as { port: number }).port,
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
}
