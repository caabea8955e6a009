import { io } from "socket.io-client";
import { z } from "zod";

/**
 * Many open pages in one process. Takes the address, the path and customer and cookie of each socket as JSON;
 * prints a line once all are connected, and for each number on stdin one when so many messages came.
 */
const Reader = z.object({ cookie: z.string(), customer: z.string(), person: z.string() });
const Asked = z.object({ url: z.string(), path: z.string(), readers: z.array(Reader) });
const { url, path, readers } = Asked.parse(JSON.parse(process.argv[2] ?? "{}"));
let received = 0;
let wanted = Infinity;
let connected = 0;

function look(): void {
  if (received < wanted) return;
  received -= wanted;
  wanted = Infinity;
  console.log("all came");
}

process.stdin.on("data", (line: Buffer) => {
  wanted = Number(line.toString());
  look();
});

for (const { cookie, customer, person } of readers) {
  const extraHeaders = { cookie, origin: new URL(url).origin };
  const socket = io(url, {
    path,
    transports: ["websocket"],
    forceNew: true,
    extraHeaders,
    auth: { customer, person },
  });
  socket.on("connect", () => {
    if (++connected === readers.length) console.log("connected");
  });
  socket.on("connect_error", (error) => {
    throw error;
  });
  socket.on("event", () => {
    received++;
    look();
  });
}
