/** Connections that are asked for before any press, by one address that has many links. */

import { once } from "node:events";
import type { TicketGranted } from "../../../web/src/wire/messages.ts";
import { attempt } from "../../harness/api.ts";
import type { Invitation } from "../../harness/program.ts";
import { anOffer } from "../../harness/raw-guest.ts";
import type { Server } from "./beside.ts";

const AT_A_TIME = 32;
const BEAT_EVERY_MS = 3_000;

/** Asks for one; gives its socket, or what was said instead. */
async function prepare({ url }: Invitation, offer: string): Promise<WebSocket | string> {
  const { origin, host, pathname, hash } = new URL(url);
  const granted = await fetch(`${origin}/api/v1/links/${pathname.split("/").at(-1)}/tickets`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ secret: hash.slice(1), attempt: attempt(), prepares: true }),
  });
  if (granted.status !== 200) {
    await granted.arrayBuffer();
    return `${granted.status}`;
  }
  const { ticket } = (await granted.json()) as TicketGranted;
  const socket = new WebSocket(`ws://${host}/api/v1/socket`, "homeroom.v1");
  const closed = once(socket, "close").then(([{ code }]) => `closed with ${code}`);
  await Promise.race([once(socket, "open"), closed]);
  if (socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ type: "prepare", ticket, offer }));
  }
  const said = once(socket, "message").then(([{ data }]) => JSON.parse(data).type as string);
  const word = await Promise.race([said, closed]);
  return word === "prepared" ? socket : word;
}

/** So many are asked for, as fast as they are answered; gives how many are there, and what the others were told. */
export async function prepared({ invitations }: Server, count: number) {
  const offer = await anOffer();
  const held: WebSocket[] = [];
  const refused: Record<string, number> = {};
  let number = 0;
  const one = async () => {
    while (number < count) {
      const invitation = invitations[number % invitations.length] as Invitation;
      number += 1;
      const got = await prepare(invitation, offer);
      if (typeof got === "string") {
        refused[got] = (refused[got] ?? 0) + 1;
      } else {
        held.push(got);
      }
    }
  };
  const beating = setInterval(() => {
    for (const socket of held) {
      socket.send(JSON.stringify({ type: "ping", n: 1 }));
    }
  }, BEAT_EVERY_MS);
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
  clearInterval(beating);
  const open = held.filter(({ readyState }) => readyState === WebSocket.OPEN).length;
  for (const socket of held) {
    socket.close();
  }
  return { open, refused };
}
