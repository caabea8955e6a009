import { createServer } from "node:net";

/** The wanted port of this machine if nobody listens there, else a free one. */
export async function freePort(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? wanted;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const found = address === null || typeof address === "string" ? null : address.port;
      server.close(() => resolve(found));
    });
  });
}
