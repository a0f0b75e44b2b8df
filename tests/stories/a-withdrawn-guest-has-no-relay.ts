/** LINK-2: with the invitation the credentials of the relay die, and what they had opened. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ParentView, TicketGranted } from "../../web/src/wire/messages.ts";
import { BareMedia } from "../harness/bare-media.ts";
import { type Invitation, Program } from "../harness/program.ts";
import { askTicket, ProtocolClient } from "../harness/protocol-client.ts";
import { TurnClient } from "../harness/turn-client.ts";
import { until } from "../harness/until.ts";

const DEAD_WITHIN_MS = 2_000;

async function ask(invitation: Invitation, path: string): Promise<Response> {
  const { origin, pathname, hash } = new URL(invitation.url);
  const answer = await fetch(`${origin}/api/v1/links/${pathname.split("/").at(-1)}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ secret: hash.slice(1) }),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer;
}

test("a guest who was withdrawn has no relay", async () => {
  const media = await BareMedia.prepare();
  const program = await Program.start();
  let turn: TurnClient | undefined;
  try {
    const [parent, guest] = [program.invitation(3), program.invitation(4)];
    assert.deepEqual([parent.role, guest.role], ["parent", "guest"]);
    const granted = (await (await askTicket(guest)).json()) as TicketGranted;
    assert.ok(granted.relay, "a relay comes with the ticket");
    const relay = new TurnClient(granted.relay);
    turn = relay;
    const client = await ProtocolClient.connect(guest);
    const sends = { microphone: false, camera: false, screen: false };
    client.say({ type: "join", ticket: granted.ticket, offer: media.offer, sends });
    await client.untilHeard("joined");
    assert.equal(await relay.allocate(), 0);
    assert.equal(await relay.refresh(), 0, "it lives as long as the invitation");

    const view = (await (await ask(parent, "parent")).json()) as ParentView;
    const invited = view.invitations.sent.find(({ name }) => name === guest.name);
    assert.ok(invited, "the parent invited this guest");
    await ask(parent, `invitations/${invited.id}/remove`);
    const removed = performance.now();
    const code = await until("a refresh is refused", async () => {
      const refused = await relay.refresh();
      return refused === 0 ? false : refused;
    });
    assert.ok(performance.now() - removed < DEAD_WITHIN_MS);
    assert.equal(code, 401, "nobody knows these credentials");
    assert.equal(await relay.allocate(), 401);
  } finally {
    turn?.end();
    await media.close();
    await program.end();
  }
});
