/**
 * OPS-2, SCR-11, WAIT-1, WAIT-5, LINK-2, NET-1, DIR-1: whoever is there, or waits, is seen at every node, and pages hear of it wherever
 * they are; what is withdrawn at one ends at all; whoever is in a meeting has the relay of its node; and what lies in the import
 * folder of one is imported, and shown, at any.
 */

import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type {
  Changes,
  ImportFolder,
  ImportReport,
  LinkView,
  RelayAccess,
  SchoolSettings,
  StaffHome,
  SystemRun,
  TeacherView,
  TicketGranted,
} from "../../web/src/wire/messages.ts";
import { Api, attempt, linkOf, type Made, withdraw } from "../harness/api.ts";
import { Ground, type Node } from "../harness/node.ts";
import { Program } from "../harness/program.ts";
import { askTicket, NOTHING_SENT, ProtocolClient } from "../harness/protocol-client.ts";
import { anOffer } from "../harness/raw-guest.ts";
import { RoundRobin } from "../harness/round-robin.ts";
import { until } from "../harness/until.ts";
import { dayZone } from "../harness/wonde.ts";

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

/** Who is here, on a teacher's start page at a node, in the order of their names. */
async function areHere(api: Api, teacher: string): Promise<string[]> {
  const { body } = await api.by(linkOf(teacher), "/teacher");
  const present = (JSON.parse(body) as TeacherView).appointments.flatMap((one) => one.present);
  const here = present.filter(({ state }) => state === "here");
  return here.map(({ name }) => name).sort();
}

/** Whether credentials of the relay lead to the media of this node. */
function leadsTo(relay: RelayAccess | undefined, { media }: Node): boolean {
  const urls = relay?.urls ?? [];
  return urls.length > 0 && urls.every((url) => new RegExp(`:${media}\\b`).test(url));
}

/** Leaves a list of the staff in an import folder, which was written two minutes ago. */
async function leave(folder: string, lines: readonly string[]): Promise<void> {
  const then = Date.now() / 1000 - 120;
  await writeFile(`${folder}/staff.csv`, lines.map((line) => `${line}\n`).join(""));
  await utimes(`${folder}/staff.csv`, then, then);
}

/** Waits until the last import from the folder is shown to have come to this at all nodes; it is the same at each. */
async function imported(
  nodes: readonly Api[],
  outcome: string,
): Promise<[SystemRun, ImportReport]> {
  const all = await until(`all show that it came to ${outcome}`, async () => {
    const shown = await Promise.all(nodes.map((api) => api.get<ImportFolder>("/system/folder")));
    const has = ({ running, last }: ImportFolder) => !running && last?.outcome === outcome;
    return shown.every(has) && shown;
  });
  const reports = nodes.map((api) => api.get<ImportReport>("/system/folder/report"));
  const [first, ...others] = await Promise.all(reports);
  for (const [index, other] of others.entries()) {
    assert.deepEqual(all[index + 1], all[0]);
    assert.deepEqual(other, first);
  }
  const last = all[0]?.last;
  assert.ok(first && last?.has_report, "row by row");
  return [last, first];
}

const ground = await Ground.lay();
const folder = await mkdtemp(join(tmpdir(), "homeroom-dropped-"));

test("who is there is told at every node", async (t) => {
  const options = ["--data", ground.first];
  const limits = {
    HOMEROOM__LIMITS__GUESSES_PER_ADDRESS_PER_MIN: `${GUESSES}`,
    // The nodes are looked at by one link all the time.
    HOMEROOM__LIMITS__REQUESTS_PER_LINK_PER_MIN: "1000000",
    HOMEROOM__LIMITS__REQUESTS_PER_ADDRESS_PER_MIN: "1000000",
  };
  const settings = { ...ground.settings("north"), ...limits };
  const north = await Program.start(settings, [], ...options);
  t.after(async () => {
    await north.end();
    await ground.clear();
    await rm(folder, { recursive: true });
  });
  // The set-up link that is printed last is the one that counts.
  const dropped = {
    HOMEROOM__IMPORT__FOLDER: folder,
    HOMEROOM__IMPORT__FOLDER_IS_WHOLE: "true",
  };
  const east = await ground.node("east", { ...limits, ...dropped });
  await until("it has printed one", () => east.setUpLink);
  const south = await ground.node("south", {
    ...limits,
    HOMEROOM__AUDIT__MAIL_EVERY_DAYS: "300",
  });
  t.after(async () => {
    await Promise.all([south.end(), east.end()]);
  });
  const [teacher, parent] = [north.invitation(0), north.invitation(3)];

  // What one has otherwise that is to be the same at all is said at each.
  const differs = async (origin: string) => {
    const said = await (await fetch(`${origin}/readyz`)).text();
    return said.match(/audit\.mail_every_days at ([a-z ]+)/)?.[1];
  };
  await until("its name is said", async () => {
    const said = await Promise.all([north.origin, east.origin, south.origin].map(differs));
    return said.join("; ") === "south; south; east and north";
  });

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

  // What lies in the folder of one node is imported by a press at another, and asks and is confirmed at a third.
  const before = await atNorth.get<SchoolSettings>("/school/settings");
  await atNorth.done("PUT", "/school/settings", { ...before, time_zone: dayZone() });
  const nodes = [atSouth, atNorth, atSouth.at(east.origin)];
  const staff = ["Staff code,Name,E-mail", "NOK,Ngozi Okafor,o@x.example", "TBR,Tom Brandt,"];
  await leave(folder, staff);
  await atNorth.done("POST", "/system/folder/run", { apply: true });
  const [, brought] = await imported(nodes, "done");
  assert.deepEqual([brought.created, brought.rows.length], [2, 2]);
  await leave(folder, staff.slice(0, 2));
  await atNorth.done("POST", "/system/folder/run", { apply: true });
  const [asks, { leaving }] = await imported(nodes, "asks");
  assert.deepEqual(leaving, ["Tom Brandt has left"]);
  assert.ok(asks.seen !== undefined, "it can be confirmed");
  await atSouth.done("POST", "/system/folder/run", { apply: true, seen: asks.seen });
  assert.equal((await imported(nodes, "done"))[0].leaving, 1);

  // Teachers at two nodes see that a family is here, and somebody whom it has invited. Each question of their pages goes to
  // the next node, and so does each press, which is one where their page does not wait then.
  const front = await RoundRobin.before([north.origin, east.origin, south.origin]);
  t.after(() => front.close());
  const pages = [north.origin, south.origin].map((origin) => {
    const url = new URL(teacher.url);
    return Page.of<TeacherView>(teacher.url.replace(url.origin, origin), "/teacher");
  });
  const everywhere = async (state: string | undefined, name = parent.name) => {
    for (const page of pages) {
      await page.untilShows(`${name} is ${state}`, isThere(name, state));
    }
  };
  await everywhere(undefined);
  const [invited, atFront] = [north.invitation(4), new Api(front.origin)];
  const say = async (url: string, here: boolean) => {
    const page = Page.of<LinkView>(front.at(url), "");
    const { meeting } = await page.untilShows("an appointment", ({ expected }) => expected);
    assert.equal((await atFront.by(linkOf(url), "/here", { meeting, here })).status, 204);
    await page.untilShows("what they say", ({ expected }) => expected?.is_here === here);
    return page;
  };
  const family = await say(parent.url, true);
  await everywhere("here");
  const guests = await say(invited.url, true);
  await everywhere("here", invited.name);
  const said = performance.now();

  // She still waits where she came, as far as anybody at the other nodes knows; and they are here, also longer than the page
  // is open at the node that took the press.
  const [both, shown] = [[parent.name, invited.name].sort().join(), new Set<string>()];
  const waited = await until(
    "she has waited for long",
    async () => {
      for (const node of nodes) {
        shown.add((await areHere(node, teacher.url)).join());
      }
      const now = caller(await atNorth.get<StaffHome>("/staff"));
      assert.ok(now, "she is there");
      const long = Math.min(now.waited_ms, performance.now() - said);
      return long > LONGER_THAN_OPEN_MS && now;
    },
    3 * LONGER_THAN_OPEN_MS,
  );
  assert.equal(waited.state, "waiting");
  assert.deepEqual([...shown], [both], "at each node, all the time");
  for (const node of nodes) {
    const own = JSON.parse((await node.by(linkOf(parent.url), "")).body) as LinkView;
    assert.ok(own.expected?.is_here, "their own page says so at each node");
  }

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

  // Who waited is taken.
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
  guests.shut();
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
  // The first there, by a ticket of another node: the relay that came with it leads to that one's media.
  const pressed = await askTicket({ ...gus, url: `${south.origin}${his}` });
  const { ticket, relay } = (await pressed.json()) as TicketGranted;
  assert.ok(leadsTo(relay, south), JSON.stringify(relay));
  const visiting = await ProtocolClient.connect(gus);
  visiting.say({ type: "join", ticket, offer: await anOffer(), sends: NOTHING_SENT });
  await visiting.untilHeard("joined");
  const { notice } = (await visiting.untilHeard("notice")).message;
  assert.ok(notice.type === "connection_gone" && leadsTo(notice.relay, east), notice.type);
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
  // What a node committed that is killed before it could say so is told by nobody: pages look once it is gone.
  await ground.postgres.run("UPDATE areas SET name = 'Reception'");
  assert.equal((await desk.untilShows("the area", (view) => view.areas[0]))?.name, "Front desk");
  await east.kill();
  await everywhere(undefined);
  await desk.untilShows("what nobody told", (view) => view.areas[0]?.name === "Reception");
  for (const open of [...pages, desk]) {
    open.shut();
  }
  for (const client of [again, guest, provider]) {
    client.close();
  }
  for (const api of [...nodes, atEast, atFront]) {
    api.close();
  }
});
