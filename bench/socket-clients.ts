import { io } from "socket.io-client";
import { z } from "zod";

/**
 * Many open pages in one process. Takes the address, the path, the number of sockets and the readers
 * they belong to in turns as JSON; prints a line once all are connected, and for each number on stdin one when so many messages came.
 */
const Reader = z.object({ cookie: z.string(), customer: z.string(), person: z.string() });
const Asked = z.object({
  url: z.string(),
  path: z.string(),
  sockets: z.int(),
  readers: z.array(Reader),
});
const { url, path, sockets, readers } = Asked.parse(JSON.parse(process.argv[2] ?? "{}"));
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

for (let index = 0; index < sockets; index++) {
  const reader = readers[index % readers.length];
  if (!reader) throw new Error("There are no readers");
  const { cookie, customer, person } = reader;
  const extraHeaders = { cookie, origin: new URL(url).origin };
  const socket = io(url, {
    path,
    transports: ["websocket"],
    forceNew: true,
    extraHeaders,
    auth: { customer, person },
  });
  socket.on("connect", () => {
    if (++connected === sockets) console.log("connected");
  });
  socket.on("connect_error", (error) => {
    throw error;
  });
  socket.on("event", () => {
    received++;
    look();
  });
}
