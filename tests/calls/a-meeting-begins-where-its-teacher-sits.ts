/**
 * OPS-2, SCR-12, NET-1: a meeting begins at the node where its teacher sits, wherever somebody comes to it first, and so does the
 * relay that comes with the ticket; one that nobody of sits anywhere begins where somebody comes, unless another node has far
 * fewer people.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TicketGranted } from "../../web/src/wire/messages.ts";
import { figure, Ground, type Node } from "../harness/node.ts";
import { type Invitation, Program } from "../harness/program.ts";
import { askTicket, NOTHING_SENT, ProtocolClient } from "../harness/protocol-client.ts";
import { anOffer } from "../harness/raw-guest.ts";
import { until } from "../harness/until.ts";

/** How many calls of five fill one node so far that meetings begin at the other. */
const FULL = 9;

/** A program with the demonstration's evening and so many calls, and a second node, which are known to each other. */
async function two(
  calls: number,
  play: (north: Program, south: Node, owned: () => Promise<number[]>) => Promise<void>,
): Promise<void> {
  const ground = await Ground.lay();
  const options = ["--data", ground.first, "--calls", `${calls}`];
  const north = await Program.start(ground.settings("north"), [], ...options);
  // As early as by the demonstration.
  const south = await ground.node("south", { HOMEROOM__CALLS__OPENS_BEFORE_MIN: "1440" });
  try {
    const reached = (port: number) => figure(port, "homeroom_nodes_reached");
    await until("each reaches the other", async () =>
      (await Promise.all([north.port, south.port].map(reached))).every((nodes) => nodes === 2),
    );
    const owned = (port: number) => figure(port, "homeroom_meetings_owned");
    await play(north, south, () => Promise.all([north.port, south.port].map(owned)));
  } finally {
    await Promise.all([south.end(), north.end()]);
    await ground.clear();
  }
}

/** Somebody presses Join, and has a seat, or a place in the queue; what their ticket said of the relay. */
async function comes(invitation: Invitation) {
  const pressed = await askTicket(invitation);
  assert.equal(pressed.status, 200);
  const { ticket, relay } = (await pressed.json()) as TicketGranted;
  const client = await ProtocolClient.connect(invitation);
  client.say({ type: "join", ticket, offer: await anOffer(), sends: NOTHING_SENT });
  await until("they are in", () => {
    assert.equal(client.closed, undefined);
    return client.last("joined") ?? client.last("queued");
  });
  return { client, urls: relay?.urls ?? [] };
}

test("a meeting begins where its teacher sits", () =>
  two(1, async (north, south, owned) => {
    const named = (name: string) => {
      const found = north.invitations.find((one) => one.name === name);
      assert.ok(found, `${name} is invited`);
      return found;
    };
    const teacher = named("Mr Novák");
    const sits = await comes({ ...teacher, url: south.at(teacher.url) });
    assert.deepEqual(await owned(), [0, 1]);
    // His next appointments, by parents who come early, at the node where he is not; which hears of it a moment later.
    const sees = async () => {
      const { client, urls } = await comes(named("Yuki Tanaka"));
      const [here] = await owned();
      client.say({ type: "leave" });
      await until("their meeting is over", async () => (await owned()).join() === "0,1");
      const leadsThere = (url: string) => new RegExp(`:${south.media}\\b`).test(url);
      return here === 0 && urls.length > 0 && urls.every(leadsThere);
    };
    await until("it begins where he sits, and so does the relay", sees);
    // Her teachers sit nowhere.
    const other = await comes(named("Maria Santos"));
    assert.deepEqual(await owned(), [1, 1]);
    for (const client of [sits.client, other.client]) {
      client.close();
    }
  }));

test("a meeting begins at the other node where this one has far more people", () =>
  two(FULL + 2, async (north, south, owned) => {
    const call = (number: number) => north.invitations.slice(number * 5, number * 5 + 5);
    const inCalls = [];
    for (let number = 0; number < FULL; number += 1) {
      inCalls.push(...(await Promise.all(call(number).map(comes))));
    }
    assert.deepEqual(await owned(), [FULL, 0], "all of them begin where they come");
    for (const one of call(FULL)) {
      inCalls.push(await comes(one));
    }
    assert.deepEqual(await owned(), [FULL, 1]);
    // The other has fewer still: who comes there stays.
    for (const one of call(FULL + 1)) {
      inCalls.push(await comes({ ...one, url: south.at(one.url) }));
    }
    assert.deepEqual(await owned(), [FULL, 2]);
    for (const { client } of inCalls) {
      client.close();
    }
  }));
