/**
 * OPS-2, SCR-11, WAIT-1, WAIT-5, LINK-2: whoever is there, or waits, is seen at every node, and pages hear of it wherever they
 * are; and what is withdrawn at one ends at all.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  Changes,
  LinkView,
  ParentView,
  StaffHome,
  TeacherView,
} from "../../web/src/wire/messages.ts";
import { Api, attempt, linkOf, type Made, withdraw } from "../harness/api.ts";
import { Ground } from "../harness/node.ts";
import { Program } from "../harness/program.ts";
import { ProtocolClient } from "../harness/protocol-client.ts";
import { anOffer } from "../harness/raw-guest.ts";
import { until } from "../harness/until.ts";

/** Longer than a page that asks no more is held to be open. */
const LONGER_THAN_OPEN_MS = 31_000;

/** Less than it takes to compare meetings with the records once more: whoever ends sooner was told of. */
const BEFORE_COMPARED_MS = 4_000;

/** How often a minute one address may guess at links, in this story. */
const GUESSES = 8;

/** A page that is open, at one node: it asks what is new, and looks when there is anything. */
class Page<View extends { readonly seen: string }> {
  readonly #look: () => Promise<View>;
  readonly #ask: (seen: string) => Promise<Changes>;
  #shown: View | undefined;
  #looks = 0;
  #ends = false;

  constructor(look: () => Promise<View>, ask: (seen: string) => Promise<Changes>) {
    this.#look = look;
    this.#ask = ask;
    void this.#go();
  }

  /** A page of this link. */
  static of<View extends { readonly seen: string }>(url: string, path: string): Page<View> {
    const [api, link] = [new Api(new URL(url).origin), linkOf(url)];
    const ask = async (at: string, body: object) =>
      JSON.parse((await api.by(link, at, body)).body) as unknown;
    return new Page(
      async () => (await ask(path, {})) as View,
      async (seen) => (await ask("/changes", { seen })) as Changes,
    );
  }

  async #go(): Promise<void> {
    while (!this.#ends) {
      try {
        this.#shown = await this.#look();
        this.#looks += 1;
        let heard: Changes = { type: "nothing", seen: this.#shown.seen };
        while (!this.#ends && heard.type === "nothing") {
          heard = await this.#ask(heard.seen);
        }
      } catch (error) {
        // Its node may be gone.
        assert.ok(this.#ends, `${error}`);
      }
    }
  }

  /** How often it has looked. */
  get looks(): number {
    return this.#looks;
  }

  /** Waits until it shows something. */
  async untilShows<T>(what: string, probe: (view: View) => T | undefined | false): Promise<T> {
    return (await until(what, () => this.#shown && probe(this.#shown))) as T;
  }

  shut(): void {
    this.#ends = true;
  }
}

/** How somebody is there, on a teacher's start page. */
function isThere(name: string, state: string | undefined) {
  return (view: TeacherView) => {
    const present = view.appointments.flatMap((one) => one.present);
    const found = present.find((one) => one.name === name)?.state;
    return found === state || (found !== undefined && state === undefined ? false : undefined);
  };
}

const ground = await Ground.lay();

test("who is there is told at every node", async (t) => {
  const options = ["--data", ground.first];
  const limits = { HOMEROOM__LIMITS__GUESSES_PER_ADDRESS_PER_MIN: `${GUESSES}` };
  const settings = { ...ground.settings("north"), ...limits };
  const north = await Program.start(settings, [], ...options);
  t.after(async () => {
    await north.end();
    await ground.clear();
  });
  // The set-up link that is printed last is the one that counts.
  const east = await ground.node("east", limits);
  await until("it has printed one", () => east.setUpLink);
  const south = await ground.node("south", limits);
  t.after(async () => {
    await Promise.all([south.end(), east.end()]);
  });
  const [teacher, parent] = [north.invitation(0), north.invitation(3)];

  // Somebody comes to a waiting area at one node, and their page stays open there all the time.
  const setUp = await until("it is printed how the office is set up", () => south.setUpLink);
  const atSouth = new Api(south.origin);
  await atSouth.setUp(setUp);
  const atNorth = atSouth.at(north.origin);
  const { members } = await atSouth.get<{ members: { id: string }[] }>("/members");
  const draft = { name: "Front desk", purpose: "Ask us.", providers: [members[0]?.id] };
  const area = JSON.parse((await atSouth.done("POST", "/areas", draft)).body);
  const [door, atEast] = [linkOf(area.url as string), new Api(east.origin)];
  const came = await atEast.by(door, "/visitors", { name: "Mrs Khan", attempt: attempt() });
  const khan = `${east.origin}${JSON.parse(came.body).path}`;
  const waits = Page.of<LinkView>(khan, "");
  const desk = new Page<StaffHome>(
    () => atNorth.get<StaffHome>("/staff"),
    async (seen) =>
      JSON.parse((await atNorth.done("POST", "/staff/changes", { seen })).body) as Changes,
  );
  const caller = (view: StaffHome) => view.areas[0]?.callers[0];
  const first = await desk.untilShows("she waits", caller);
  assert.equal(first.state, "waiting");

  // Teachers at two nodes see that the family is here, which said so at a third.
  const pages = [north.origin, south.origin].map((origin) => {
    const url = new URL(teacher.url);
    return Page.of<TeacherView>(teacher.url.replace(url.origin, origin), "/teacher");
  });
  const everywhere = async (state: string | undefined) => {
    for (const page of pages) {
      await page.untilShows(`${parent.name} is ${state}`, isThere(parent.name, state));
    }
  };
  await everywhere(undefined);
  const family = Page.of<ParentView>(east.at(parent.url), "/parent");
  const booked = await family.untilShows("an appointment", (view) => view.bookings[0]?.appointment);
  const link = linkOf(parent.url);
  const here = { meeting: booked.meeting, here: true };
  assert.equal((await atEast.by(link, "/here", here)).status, 204);
  await everywhere("here");

  // They come in where they are, and are seen so; what was seen at one node was seen at all.
  const joined = await ProtocolClient.join(
    { ...parent, url: east.at(parent.url) },
    await anOffer(),
  );
  await joined.untilHeard("joined");
  await everywhere("seated");
  await until("all nodes show the same", async () => {
    const seen = [north.origin, south.origin, east.origin].map(async (origin) => {
      const answer = await new Api(origin).by(linkOf(teacher.url), "/teacher");
      return (JSON.parse(answer.body) as TeacherView).seen;
    });
    return new Set(await Promise.all(seen)).size === 1;
  });
  const looked = pages.map((page) => page.looks);
  joined.close();
  await everywhere("reconnecting");
  for (const [index, page] of pages.entries()) {
    const more = page.looks - (looked[index] ?? 0);
    assert.ok(more <= 4, `one change, and it has looked ${more} times`);
  }

  // Their meeting's node is gone without a word: nobody is there, until they are somewhere else.
  const again = await ProtocolClient.join({ ...parent, url: east.at(parent.url) }, await anOffer());
  await again.untilHeard("joined");
  await everywhere("seated");

  // She still waits where she came, as far as anybody at the other nodes knows.
  const waited = await until(
    "she has waited for long",
    async () => {
      const now = caller(await atNorth.get<StaffHome>("/staff"));
      assert.ok(now, "she is there");
      return now.waited_ms > LONGER_THAN_OPEN_MS && now;
    },
    2 * LONGER_THAN_OPEN_MS,
  );
  assert.equal(waited.state, "waiting");
  const path = `/staff/areas/${area.id}/callers/${waited.id}/take`;
  const taken = JSON.parse((await atNorth.done("POST", path)).body) as { url: string };
  await waits.untilShows("she is called", (view) => view.area?.visit?.stage === "called");
  const guest = await ProtocolClient.join(
    { name: "Mrs Khan", role: "guest", url: khan },
    await anOffer(),
  );
  await guest.untilHeard("joined");
  const provider = await ProtocolClient.join(
    { name: "Dana Reyes", role: "staff", url: south.at(taken.url) },
    await anOffer(),
  );
  await provider.untilHeard("joined");
  await desk.untilShows("she is in the call", (view) => caller(view)?.state === "in_call");
  await desk.untilShows("and so is who took her", (view) => view.areas[0]?.in_call);

  // Who has guessed at links as often as they may at one node has done so at the others.
  const guess = async (api: Api) => (await api.by({ id: "1", secret: "x" }, "")).status;
  for (let times = 0; times < GUESSES; times += 1) {
    assert.equal(await guess(atNorth), 404);
  }
  assert.equal(await guess(atNorth), 429);
  let granted = 0;
  await until("the other node refuses", async () => {
    const answer = await guess(atSouth);
    granted += answer === 404 ? 1 : 0;
    return answer === 429;
  });
  assert.ok(granted < GUESSES / 2, `${granted} guesses more at another node`);

  // What is withdrawn at one node ends at another at once, without Redis too. Meetings are compared with the records
  // every five seconds: the first of these may end by that, and then the second does not for as long.
  const invited = north.invitation(4);
  const seated = await ProtocolClient.join(invited, await anOffer());
  await seated.untilHeard("joined");
  await atNorth.make("/rooms", { name: "Corner", members: [members[0]?.id] });
  const { rooms } = await atNorth.get<{ rooms: (Made & { name: string; url: string })[] }>(
    "/rooms",
  );
  const corner = rooms.find(({ name }) => name === "Corner");
  assert.ok(corner, "it is there");
  const named = { name: "Gus Oyelaran", attempt: attempt() };
  const { path: his } = JSON.parse((await atEast.by(linkOf(corner.url), "/visitors", named)).body);
  const gus = { name: named.name, role: "guest", url: `${east.origin}${his}` };
  const visiting = await ProtocolClient.join(gus, await anOffer());
  await visiting.untilHeard("joined");
  ground.redis.freeze();
  const ends: [ProtocolClient, () => Promise<unknown>][] = [
    [seated, () => withdraw(south.at(parent.url), invited.name)],
    [visiting, () => atSouth.done("POST", `/rooms/${corner.id}/close`)],
  ];
  for (const [client, deed] of ends) {
    const at = performance.now();
    await deed();
    const { at: ended } = await until("it ends", () => client.closed);
    assert.ok(ended - at <= BEFORE_COMPARED_MS, `it ends ${Math.round(ended - at)} ms later`);
  }
  ground.redis.wake();

  family.shut();
  waits.shut();
  await east.kill();
  await everywhere(undefined);
  for (const open of [...pages, desk]) {
    open.shut();
  }
  for (const client of [again, guest, provider]) {
    client.close();
  }
  for (const api of [atNorth, atSouth, atEast]) {
    api.close();
  }
});
