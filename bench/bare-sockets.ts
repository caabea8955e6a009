import { createServer } from "node:http";
import { Server } from "socket.io";

/**
 * The yardstick for the live link: socket.io alone with the same rooms and messages of the same size.
 * Takes how many rooms; prints its port. Each line on stdin is a number of messages that it sends.
 */
const rooms = Number(process.argv[2] ?? "50");
const batch = 64;
const message = {
  type: "invoice.updated",
  at: new Date().toISOString(),
  invoice: {
    ...{ id: "inv_1m7wk15nbsawca6mtaxp", number: "KA-000001", status: "open", dispute: "none" },
    ...{ currency: "EUR", total: 100_001, due: 100_001, paid: 0, credited: 0 },
    ...{ dueOn: "2026-12-31", updatedAt: new Date().toISOString() },
  },
};
const server = createServer();
const io = new Server(server, { path: "/live", serveClient: false });
io.on("connection", (socket) => void socket.join(String(socket.handshake.headers.cookie)));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address !== "string") console.log(address.port);
});

process.stdin.on("data", (line: Buffer) => {
  const messages = Number(line.toString());
  let sent = 0;
  const next = () => {
    const end = Math.min(sent + batch, messages);
    for (; sent < end; sent++) {
      io.to(`room=${sent % rooms}`).emit("event", { sequence: sent, ...message });
    }
    if (sent < messages) setImmediate(next);
  };
  next();
});
