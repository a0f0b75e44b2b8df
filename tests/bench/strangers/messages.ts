/** What a WebSocket is told that is too much, before and after there is a session. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { deflateRawSync } from "node:zlib";
import type { TicketGranted } from "../../../web/src/wire/messages.ts";
import { forgetMost, resident } from "../../harness/memory.ts";
import type { Invitation } from "../../harness/program.ts";
import { askTicket, NOTHING_SENT } from "../../harness/protocol-client.ts";
import { anOffer } from "../../harness/raw-guest.ts";
import { ADDRESS, type Server } from "./beside.ts";

const TEXT = 1;
const CLOSE = 8;
const FIN = 0x80;
/** How many say it at once. */
const AT_ONCE = 8;
/** The frame is compressed (RFC 7692 §6). */
const RSV1 = 0x40;

/** A frame with a mask of zeros, which changes nothing. */
function frame(first: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = Buffer.from([first, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 6);
  if (length >= 65_536) {
    return Buffer.concat([head, payload]);
  }
  const short = length < 126 ? [first, 0x80 | length] : [first, 0xfe, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...short, 0, 0, 0, 0]), payload]);
}

function fragments(): Buffer {
  const piece = frame(0, Buffer.from("x"));
  return Buffer.concat([frame(TEXT, Buffer.from("x")), ...Array<Buffer>(70_000).fill(piece)]);
}

/** What is said, in one piece or in many. */
export const TOO_MUCH: Readonly<Record<string, Buffer>> = {
  "1 MiB": frame(FIN | TEXT, Buffer.alloc(1 << 20, "x")),
  "deep JSON": frame(FIN | TEXT, Buffer.alloc(60_000, "[")),
  fragments: fragments(),
  "deflate bomb": frame(FIN | RSV1 | TEXT, deflateRawSync(Buffer.alloc(48 << 20))),
};

/** A socket whose every byte is ours. */
async function raw(server: Server): Promise<Socket> {
  const socket = connect({ host: ADDRESS, port: server.port });
  socket.on("error", () => undefined);
  const head = [
    "GET /api/v1/socket HTTP/1.1",
    `Host: ${ADDRESS}:${server.port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Protocol: homeroom.v1",
    "Sec-WebSocket-Extensions: permessage-deflate",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.match(answer.toString("latin1"), /^HTTP\/1.1 101/);
  return socket;
}

async function seated(server: Server, invitation: Invitation, offer: string): Promise<Socket> {
  const granted = await askTicket(invitation);
  assert.equal(granted.status, 200, await granted.clone().text());
  const { ticket } = (await granted.json()) as TicketGranted;
  const socket = await raw(server);
  const join = JSON.stringify({ type: "join", ticket, offer, sends: NOTHING_SENT });
  socket.write(frame(FIN | TEXT, Buffer.from(join)));
  const [said] = (await once(socket, "data")) as [Buffer];
  assert.match(said.toString("latin1"), /"joined"/);
  return socket;
}

/** Whether a close is among these frames of the server, after news of who joins perhaps. */
function isClosed(heard: Buffer): boolean {
  let at = 0;
  while (at + 4 <= heard.length) {
    if (heard[at] === (FIN | CLOSE)) {
      return true;
    }
    const length = heard[at + 1] ?? 0;
    at += length < 126 ? 2 + length : 4 + heard.readUInt16BE(at + 2);
  }
  return false;
}

/** Says it; gives how long it was until the server closed the socket, ms. */
async function until(socket: Socket, said: Buffer): Promise<number> {
  const began = performance.now();
  socket.write(said);
  await new Promise<void>((resolve) => {
    let heard = Buffer.alloc(0);
    socket.on("data", (data) => {
      heard = Buffer.concat([heard, data]);
      if (isClosed(heard)) {
        resolve();
      }
    });
    socket.on("close", () => resolve());
  });
  const took = performance.now() - began;
  socket.destroy();
  return took;
}

/** So many at once, with or without a session; how long the slowest took, and what the server held beside. */
async function play(
  server: Server,
  [said, isSeated]: readonly [Buffer, boolean],
  among: readonly Invitation[],
): Promise<{ slowest_ms: number; grown_kib: number }> {
  const offer = await anOffer();
  const open = (it: Invitation) => (isSeated ? seated(server, it, offer) : raw(server));
  const [first, ...others] = await Promise.all(among.map(open));
  assert.ok(first && others.length === AT_ONCE, "there are links enough");
  // Pages of its own code that the program reads into memory for it are not what it keeps.
  await until(first, said);
  const before = await resident(server.pid);
  await forgetMost(server.pid);
  const took = await Promise.all(others.map((socket) => until(socket, said)));
  const most = await resident(server.pid, "most");
  return { slowest_ms: Math.round(Math.max(...took)), grown_kib: most - before };
}

/** How soon each is closed, and what it costs. */
export async function tooMuch(server: Server) {
  const all = [];
  // A link that is taken over again and again must wait: each is used once.
  const links = [...server.invitations];
  for (const [name, said] of Object.entries(TOO_MUCH)) {
    for (const isSeated of [false, true]) {
      const among = links.splice(0, AT_ONCE + 1);
      all.push({ name, is_seated: isSeated, ...(await play(server, [said, isSeated], among)) });
    }
  }
  return all;
}
