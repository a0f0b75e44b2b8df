/**
 * LINK-1, OPS-3: a family of names that stand nowhere else goes through an evening at the loudest
 * log that an office would set. Their secrets are then in their e-mails and nowhere else: in no log,
 * URL, Referer or file. Their names and addresses are in the records, and in no log, URL, Referer or
 * export of the audit log.
 */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { Api, attempt, linkOf } from "../harness/api.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, press, untilAt } from "../harness/form.ts";
import { linkIn } from "../harness/mailbox.ts";
import { eveningOfNow } from "../harness/office.ts";
import { until } from "../harness/until.ts";

const STUDENT = "Quillfinch Ostrander";
const PARENT = { name: "Wrenlock Ostrander", email: "wrenlock.canary@example.org" };
const GUEST = { name: "Thistlebee Marchbanks", email: "thistlebee.canary@example.org" };
const NOTE = "Nightingale-note";
/** What of them would stand in an address or a line of a log, however it is written there. */
const NAMES = /quillfinch|wrenlock|ostrander|thistlebee|marchbanks|nightingale/i;

/** Everything that a browser asked for and said of itself, but bodies. */
function watch(context: BrowserContext): string[] {
  const said: string[] = [];
  const look = (page: Page) => {
    page.on("websocket", (socket) => said.push(`websocket ${socket.url()}`));
    page.on("console", (message) => said.push(`console ${message.text()}`));
  };
  context.pages().forEach(look);
  context.on("page", look);
  context.on("request", (request) => {
    // What stands after # stays in the browser: it is in no request.
    const [url = ""] = request.url().split("#");
    const { referer = "" } = request.headers();
    said.push(`${request.method()} ${url} from ${referer}`);
  });
  return said;
}

/** Everything that the program keeps, as bytes. */
async function kept(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      files.set(entry.name, await readFile(join(entry.parentPath, entry.name)));
    }
  }
  return files;
}

function findsNothing(what: string, lines: readonly string[], sought: readonly RegExp[]): void {
  for (const one of sought) {
    const found = lines.find((line) => one.test(line));
    assert.equal(found, undefined, `${what} holds ${one}`);
  }
}

async function prepare(api: Api): Promise<string> {
  const teacher = await api.make("/teachers", { name: "Ms Okafor", email: "" });
  await api.make("/classes", { name: "8B", subject: "Mathematics", teachers: [teacher.id] });
  await api.importStudents(
    `Student,Classes,Guardian,E-mail\n${STUDENT},8B,${PARENT.name},${PARENT.email}`,
  );
  const now = eveningOfNow();
  const evening = await api.make("/evenings", {
    name: "Evening",
    date: now.date,
    time_zone: now.zone,
    starts: now.starts,
    ends: now.ends,
    slot_minutes: now.slotMinutes,
    gap_minutes: 0,
    booking_closes: new Date(Date.now() + 3_600_000).toISOString(),
  });
  await api.done("PUT", `/evenings/${evening.id}/booking`, { open: true });
  await api.done("POST", `/evenings/${evening.id}/confirmations`);
  return evening.id;
}

/** The office looks for the family and at all there is of the evening. */
async function office(page: Page, origin: string, email: string, password: string): Promise<void> {
  await page.goto(`${origin}/office`);
  await fill(page, { "Email address": email, Password: password });
  await press(page, "Sign in");
  await untilAt(page, "Evenings");
  await page.goto(`${origin}/office/students`);
  await untilAt(page, "Students");
  await fill(page, { "Search for a student, parent or member of staff": STUDENT });
  await press(page, "Search");
  await page.getByRole("table").getByText(STUDENT).waitFor();
}

test("no secret and no name is where it does not belong", () =>
  withSchool(
    "no secret and no name is where it does not belong",
    async (school, people) => {
      const api = new Api(school.origin);
      const { email, password } = await api.setUp(school.setup);
      await prepare(api);

      const parent = await people.somebody();
      const parentSaid = watch(parent.context());
      const parentUrl = linkIn(await school.mail.untilFor(PARENT.email));
      await parent.goto(parentUrl);
      await untilAt(parent, "My Bookings");
      const link = linkOf(parentUrl);
      const { slots } = JSON.parse((await api.by(link, "/slots")).body) as {
        slots: { student: string; class: string; slots: { starts: string; state: string }[] }[];
      };
      const [wish] = slots;
      const starts = wish?.slots.find(({ state }) => state === "free")?.starts;
      const wanted = { student: wish?.student, class: wish?.class, starts, note: NOTE };
      const booked = await api.by(link, "/bookings", { ...wanted, attempt: attempt() });
      assert.equal(booked.status, 200, booked.body);
      const asked = { ...GUEST, consent: true, wording: "1", attempt: attempt() };
      const invited = await api.by(link, "/invitations", asked);
      assert.equal(invited.status, 200, invited.body);

      const guest = await people.somebody();
      const guestSaid = watch(guest.context());
      const guestUrl = linkIn(await school.mail.untilFor(GUEST.email));
      await guest.goto(guestUrl);
      await untilAt(guest, "You are invited to a video appointment");
      await guest.getByRole("button", { name: "Join", exact: true }).first().click();
      await until("the call is shown", async () => {
        return (await guest.locator("main").getAttribute("data-state")) === "call";
      });
      await guest.reload();
      // A wrong link is not written down either.
      await api.by({ ...link, secret: linkOf(guestUrl).secret }, "/parent");
      // A mail server that refuses an address is heard in "Manage Invites" (INV-6), not in the log.
      const nobody = { name: GUEST.name, email: "nobody@thistlebee.example.org" };
      const { invitation } = JSON.parse(invited.body) as { invitation: { id: string } };
      const readdressed = await api.by(link, `/invitations/${invitation.id}/address`, nobody);
      assert.equal(readdressed.status, 200, readdressed.body);
      await until("the invitation counts as bounced", async () => {
        const view = JSON.parse((await api.by(link, "/parent")).body) as {
          invitations: { sent: { state: string }[] };
        };
        return view.invitations.sent[0]?.state === "bounced";
      });

      const staff = await people.somebody();
      const staffSaid = watch(staff.context());
      await office(staff, school.origin, email, password);
      const audit = (await api.done("GET", "/audit.csv")).body;
      assert.match(audit, /invited/, "an audit log");

      const secrets = [
        linkOf(parentUrl).secret,
        linkOf(guestUrl).secret,
        new URL(school.setup).hash.slice(1),
        String(api.session.cookie).split("=")[1] ?? "",
        String(api.session["x-homeroom-csrf"]),
        password,
      ].map((secret) => {
        assert.ok(secret.length >= 20, "a secret that is none");
        return new RegExp(secret, "i");
      });
      const log = school.log.split("\n").filter((line) => !line.includes(school.setup));
      assert.ok(
        log.some((line) => line.includes("DEBUG")),
        "a log that is not loud",
      );
      findsNothing("the log", log, [...secrets, NAMES]);
      findsNothing("the audit log", audit.split("\n"), [...secrets, NAMES]);
      for (const said of [parentSaid, guestSaid, staffSaid]) {
        assert.ok(said.length > 5, "a browser that asked for nothing");
        findsNothing("what a browser asked for", said, [...secrets, NAMES]);
        for (const line of said) {
          assert.match(line, / from (|http:\/\/127\.0\.0\.1:\d+\/)$|^websocket|^console/, line);
        }
      }
      const files = await kept(school.folder);
      assert.ok(files.get("homeroom.sqlite"), "no records");
      const all = Buffer.concat([...files.values()]).toString("latin1");
      assert.match(all, NAMES, "the records know the family");
      for (const secret of secrets) {
        assert.doesNotMatch(all, secret, "the data folder holds a secret");
      }
      api.close();
    },
    { HOMEROOM__LOG__FILTER: "debug" },
  ));
