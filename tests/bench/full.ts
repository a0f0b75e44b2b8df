/**
 * Five press Join at once for the four seats of each of eight calls, again and again: four are seated, and how soon
 * the fifth is told that they wait. The bar: exactly four each time, and p99 no more than 500 ms.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { parseArgs } from "node:util";
import type { TicketGranted } from "../../web/src/wire/messages.ts";
import { type Invitation, Program } from "../harness/program.ts";
import { askTicket, NOTHING_SENT } from "../harness/protocol-client.ts";
import { anOffer } from "../harness/raw-guest.ts";
import { quantile, tenths } from "./summary.ts";

const P99_MS = 500;
const SEATS = 4;
const OF_A_CALL = 5;
const AT_ONCE = 8;
const CALLS = 80;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "250" },
  },
});
const offer = await anOffer();

type Entered = { readonly socket: WebSocket; readonly is: string; readonly took: number };

/** A press on Join, and the first word that comes of it. */
async function enter(invitation: Invitation): Promise<Entered> {
  const began = performance.now();
  const granted = await askTicket(invitation);
  assert.equal(granted.status, 200, await granted.clone().text());
  const { ticket } = (await granted.json()) as TicketGranted;
  const socket = new WebSocket(`ws://${new URL(invitation.url).host}/api/v1/socket`, "homeroom.v1");
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "join", ticket, offer, sends: NOTHING_SENT }));
  const [{ data }] = (await once(socket, "message")) as [MessageEvent<string>];
  return { socket, is: JSON.parse(data).type, took: performance.now() - began };
}

async function leave({ socket }: Entered): Promise<void> {
  const closed = once(socket, "close");
  socket.send(JSON.stringify({ type: "leave" }));
  await closed;
}

const settings = {
  HOMEROOM__LIMITS__JOINS_PER_LINK_PER_MIN: "1000000",
  HOMEROOM__LIMITS__JOINS_PER_ADDRESS_PER_MIN: "1000000",
};
const program = await Program.start(settings, [], "--calls", `${CALLS}`);
const told: number[] = [];
let seated: number[] = [];
try {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const first = ((round * AT_ONCE) % CALLS) * OF_A_CALL;
    const links = program.invitations.slice(first, first + AT_ONCE * OF_A_CALL);
    const entered = await Promise.all(links.map(enter));
    for (let call = 0; call < AT_ONCE; call += 1) {
      const of = entered.slice(call * OF_A_CALL, (call + 1) * OF_A_CALL);
      const waiting = of.filter(({ is }) => is === "queued");
      assert.equal(of.filter(({ is }) => is === "joined").length, SEATS, JSON.stringify(of));
      assert.equal(waiting.length, OF_A_CALL - SEATS);
      told.push(...waiting.map(({ took }) => took));
    }
    seated = seated.concat(entered.filter(({ is }) => is === "joined").map(({ took }) => took));
    // Those who wait first, so that nobody is seated meanwhile.
    await Promise.all(entered.filter(({ is }) => is === "queued").map(leave));
    await Promise.all(entered.filter(({ is }) => is === "joined").map(leave));
  }
} finally {
  await program.end();
}
const figures = {
  races: told.length,
  full_p50_ms: tenths(quantile(told, 0.5)),
  full_p99_ms: tenths(quantile(told, 0.99)),
  seated_p99_ms: tenths(quantile(seated, 0.99)),
};
console.log(values.json ? JSON.stringify(figures) : figures);
if (figures.full_p99_ms > P99_MS) {
  console.error(`p99 is above ${P99_MS} ms`);
  process.exitCode = 1;
}
