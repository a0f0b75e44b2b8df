/** One attempt for two appointments: a link holds one seat, whatever its holder's client sends. */

import assert from "node:assert/strict";
import type { TicketGranted } from "../../web/src/wire/messages.ts";
import { Api, type Link, linkOf, press } from "../harness/api.ts";
import type { Invitation, Program } from "../harness/program.ts";
import { ProtocolClient } from "../harness/protocol-client.ts";
import { anOffer } from "../harness/raw-guest.ts";
import { until } from "../harness/until.ts";
import { attack } from "./attack.ts";

type View = { readonly appointments?: readonly { readonly meeting: string }[] };

/** A link with two appointments that can be joined now. */
async function withTwo(program: Program, api: Api) {
  for (const invitation of program.invitations) {
    if (!invitation.url.includes("/j/")) {
      continue;
    }
    const link = linkOf(invitation.url);
    const { body } = await api.by(link, "");
    const joinable = [];
    for (const { meeting } of (JSON.parse(body) as View).appointments ?? []) {
      const { status } = await api.by(link, "/tickets", { ...press(), meeting });
      if (status === 200) {
        joinable.push(meeting);
      }
    }
    const [first, second] = joinable;
    if (first && second) {
      return { invitation, link, first, second };
    }
  }
  throw new Error("nobody has two appointments that can be joined now");
}

async function join(api: Api, invitation: Invitation, link: Link, asked: object) {
  const { body } = await api.by(link, "/tickets", asked);
  const { ticket } = JSON.parse(body) as TicketGranted;
  const client = await ProtocolClient.connect(invitation);
  const sends = { microphone: false, camera: false, screen: false };
  client.say({ type: "join", ticket, offer: await anOffer(), sends });
  return client;
}

attack("one attempt for two appointments", async (program) => {
  const api = new Api(program.origin);
  const { invitation, link, first, second } = await withTwo(program, api);
  const same = press();
  const earlier = await join(api, invitation, link, { ...same, meeting: first });
  await earlier.untilHeard("joined");
  const later = await join(api, invitation, link, { ...same, meeting: second });
  await later.untilHeard("joined");
  const goodbye = await until("the earlier one is told to go", () => earlier.last("goodbye"));
  assert.equal(goodbye.message.reason, "replaced");
  await until("its socket is closed", () => earlier.closed);
  assert.equal(later.closed, undefined);
  // A retry of the first press does not bring it back.
  const late = await join(api, invitation, link, { ...same, meeting: first });
  await until("the late retry is turned away", () => late.closed);
  assert.equal(late.last("joined"), undefined);
  assert.equal(later.closed, undefined);
  later.close();
  api.close();
});
