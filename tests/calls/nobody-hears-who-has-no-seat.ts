/** NET-3: nobody sends before being admitted, nor after the seat is lost. */

import assert from "node:assert/strict";
import { Api, linkOf, type Made } from "../harness/api.ts";
import { BareMedia } from "../harness/bare-media.ts";
import { ProtocolClient } from "../harness/protocol-client.ts";
import type { Stage } from "../harness/stage.ts";
import { story } from "../harness/story.ts";
import { throughout, until } from "../harness/until.ts";

const WATCHED_MS = 3_000;
/** What is sent later than this comes to nobody; when it arrives says how busy this machine is, too. */
const STOPS_WITHIN_MS = 100;
/** The same of somebody whose link is dead: the records hear of it first. */
const REMOVED_WITHIN_MS = 1_000;

/** Somebody seated, with media that flows. */
async function seat(stage: Stage, index: number) {
  const media = await BareMedia.prepare();
  stage.afterwards(() => media.close());
  const client = await ProtocolClient.join(stage.program.invitation(index), media.offer);
  stage.afterwards(() => client.close());
  const { message } = await client.untilHeard("joined");
  assert.ok(message.answer);
  await media.accept(message.answer);
  await until("media connects", () => media.isConnected);
  return { media, client, answer: message.answer };
}

story(
  "a waiting person's packets reach no one",
  async (stage) => {
    const listener = await seat(stage, 0);
    const talker = await seat(stage, 1);
    talker.media.send("[talker]");

    // Who waits is given no answer. This one had a seat before, kept its keys and goes on sending.
    const leaver = await seat(stage, 2);
    leaver.media.send("[left]");
    await until("all are heard", () => {
      const heard = [listener.media.marked("[talker]"), listener.media.marked("[left]")];
      return heard.every(({ length }) => length > 10);
    });
    leaver.client.say({ type: "leave" });
    await until("it has left", () => leaver.client.closed !== undefined);
    const leftAt = leaver.client.closed?.at ?? 0;
    const replacement = await seat(stage, 3);

    const fresh = await BareMedia.prepare();
    stage.afterwards(() => fresh.close());
    const waiting = await ProtocolClient.join(stage.program.invitation(2), fresh.offer);
    stage.afterwards(() => waiting.close());
    await waiting.untilHeard("queued");
    // It even tries the answer that it was given when it had a seat.
    await fresh.accept(leaver.answer);
    fresh.send("[fresh]");

    const seated = [listener, talker, replacement];
    await throughout("nobody hears who waits", WATCHED_MS, () =>
      seated.every(({ media }) => {
        const late = media.marked("[left]").filter(({ sent }) => sent > leftAt + STOPS_WITHIN_MS);
        return late.length === 0 && media.marked("[fresh]").length === 0;
      }),
    );
    assert.ok(!fresh.isConnected, "who waits has a media connection");
    assert.equal(waiting.last("joined"), undefined);
    for (const { sent } of [...leaver.media.arrived, ...fresh.arrived]) {
      assert.ok(sent <= leftAt + STOPS_WITHIN_MS, "who waits hears something");
    }
    const since = listener.media
      .marked("[talker]")
      .filter(({ sent }) => sent > leftAt + WATCHED_MS / 2);
    assert.ok(since.length > 0, "those seated are heard all the while");
  },
  { settings: { HOMEROOM__CALLS__CAP: "3" } },
);

story("an evicted session's media stops within 100 ms", async (stage) => {
  const listener = await seat(stage, 0);
  const evicted = await seat(stage, 1);
  listener.media.send("[listener]");
  evicted.media.send("[evicted]");
  await until("both are heard", () =>
    [listener.media.marked("[evicted]"), evicted.media.marked("[listener]")].every(
      (heard) => heard.length > 10,
    ),
  );

  const newer = await seat(stage, 1);
  const { at } = await until("the last word", () => evicted.client.last("goodbye"));
  // The old session goes on sending with the keys it has.
  await throughout("the old session is silent", WATCHED_MS, () =>
    [...listener.media.marked("[evicted]"), ...evicted.media.arrived].every(
      ({ sent }) => sent <= at + STOPS_WITHIN_MS,
    ),
  );
  await until("the new session hears", () => newer.media.marked("[listener]").length > 10);
});

story("the last packet of a guest who is removed comes within a second", async (stage) => {
  const listener = await seat(stage, 0);
  const guest = await seat(stage, 4);
  listener.media.send("[listener]");
  guest.media.send("[guest]");
  await until("both are heard", () =>
    [listener.media.marked("[guest]"), guest.media.marked("[listener]")].every(
      (heard) => heard.length > 10,
    ),
  );

  const api = new Api(stage.program.origin);
  stage.afterwards(() => api.close());
  const parent = linkOf(stage.program.invitation(3).url);
  const { invitations } = JSON.parse((await api.by(parent, "/parent")).body) as {
    invitations: { sent: Made[] };
  };
  const [invited] = invitations.sent;
  assert.ok(invited, "the guest was invited by that parent");
  const removed = await api.by(parent, `/invitations/${invited.id}/remove`);
  assert.equal(removed.status, 204, removed.body);
  const at = performance.now();
  // The guest goes on sending with the keys they have.
  await throughout("the guest is silent and hears nobody", WATCHED_MS, () =>
    [...listener.media.marked("[guest]"), ...guest.media.arrived].every(
      ({ sent }) => sent <= at + REMOVED_WITHIN_MS,
    ),
  );
  await until("the guest is told", () => guest.client.last("goodbye"));
});
