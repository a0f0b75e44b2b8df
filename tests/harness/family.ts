/** An evening with one family in it, by the API, whose hours a story moves to where it wants them. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Page } from "playwright-core";
import { Api, attempt, linkOf } from "./api.ts";
import type { Engine } from "./browsers.ts";
import { withSchool } from "./evening-story.ts";
import { fill, press, untilAt } from "./form.ts";
import { linkIn } from "./mailbox.ts";
import type { People } from "./people.ts";
import type { School } from "./school.ts";

export const CONTACT = { email: "office@fairview.example", phone: "020 7946 0000" } as const;

/** The evening as it is entered. */
export const EVENING = {
  name: "Autumn evening",
  date: "2040-01-10",
  time_zone: "Europe/London",
  starts: "08:00",
  ends: "09:00",
  slot_minutes: 10,
  gap_minutes: 0,
} as const;

/** The evening's links, as people have them. */
export type Links = { readonly parent: string; readonly guest: string; readonly teacher: string };

export type Names = {
  readonly parent?: string;
  readonly student?: string;
  readonly teacher?: string;
  readonly guest?: string;
  readonly subject?: string;
};

export type Account = { readonly email: string; readonly password: string };

type Made = {
  readonly api: Api;
  readonly account: Account;
  readonly links: Links;
  readonly evening: string;
  /** What the appointment is held in. */
  readonly meeting: string;
};

export class Family {
  readonly api: Api;
  readonly links: Links;
  readonly evening: string;
  /** What the appointment is held in. */
  readonly meeting: string;
  /** Who signs in to the office. */
  readonly account: Account;
  readonly #school: School;

  private constructor(school: School, made: Made) {
    this.#school = school;
    this.api = made.api;
    this.account = made.account;
    this.links = made.links;
    this.evening = made.evening;
    this.meeting = made.meeting;
  }

  /** One appointment of Maria Santos with Ms Okafor about Ana, and Paulo Santos invited to it. */
  static async meets(school: School, names: Names = {}): Promise<Family> {
    const api = new Api(school.origin);
    const account = await api.setUp(school.setup);
    const settings = await api.get<object>("/school/settings");
    await api.done("PUT", "/school/settings", {
      ...settings,
      name: "Fairview School",
      contact: CONTACT,
    });
    const teacher = await api.make("/teachers", {
      name: names.teacher ?? "Ms Okafor",
      email: "okafor@fairview.example",
    });
    const one = await api.make("/classes", {
      name: "8B/Ma",
      subject: names.subject ?? "Mathematics",
      teachers: [teacher.id],
    });
    const student = await api.make("/students", {
      name: names.student ?? "Ana Santos",
      homeroom: "8B",
      classes: [one.id],
    });
    const parent = await api.make("/contacts", {
      name: names.parent ?? "Maria Santos",
      email: "maria@example.org",
      students: [student.id],
    });
    const evening = await api.make("/evenings", EVENING);
    await api.done("PUT", `/evenings/${evening.id}/booking`, { open: true });
    const shown = async (whose: string, id: string) => {
      const answer = await api.done("POST", `/evenings/${evening.id}/${whose}/${id}/link`);
      return (JSON.parse(answer.body) as { url: string }).url;
    };
    const link = await shown("parents", parent.id);
    const own = linkOf(link);
    const slots = JSON.parse((await api.by(own, "/slots")).body);
    const booked = await api.by(own, "/bookings", {
      attempt: attempt(),
      student: student.id,
      class: one.id,
      starts: slots.slots[0].slots[0].starts,
    });
    assert.equal(booked.status, 200, booked.body);
    const view = JSON.parse((await api.by(own, "/parent")).body);
    const invited = await api.by(own, "/invitations", {
      attempt: attempt(),
      name: names.guest ?? "Paulo Santos",
      email: "paulo@example.org",
      consent: true,
      wording: view.invitations.wording.version,
      students: [student.id],
    });
    assert.equal(invited.status, 200, invited.body);
    // Nothing of this comes while a story counts what does.
    await school.mail.untilFor("maria@example.org");
    const links = {
      parent: link,
      guest: linkIn(await school.mail.untilFor("paulo@example.org")),
      teacher: await shown("teachers", teacher.id),
    };
    const { meeting } = JSON.parse(booked.body).appointment;
    return new Family(school, { api, account, links, evening: evening.id, meeting });
  }

  /** The file of the records. */
  get records(): string {
    return `${this.#school.folder}/homeroom.sqlite`;
  }

  /** Signs in to the office, and opens this page of it. */
  async office(page: Page, path: string, heading: string): Promise<void> {
    const { email, password } = this.account;
    await page.goto(`${this.#school.origin}/office/${path}`);
    await untilAt(page, "Sign in");
    await fill(page, { "Email address": email, Password: password });
    await press(page, "Sign in");
    await untilAt(page, heading);
  }

  /** A further teacher. */
  async teacher(name: string, email: string): Promise<string> {
    return (await this.api.make("/teachers", { name, email })).id;
  }

  /** A teacher's personal link to the evening. */
  async linkOfTeacher(id: string): Promise<string> {
    const path = `/evenings/${this.evening}/teachers/${id}/link`;
    return (JSON.parse((await this.api.done("POST", path)).body) as { url: string }).url;
  }

  /**
   * Moves the evening so that it begins so long from now, as if it had been planned like that: the
   * records are changed beside the program, so that nothing but the time itself tells anybody.
   */
  begins(inMs: number): void {
    const records = new DatabaseSync(this.records, { timeout: 5_000 });
    const { start_at: before } = records
      .prepare("SELECT start_at FROM evenings WHERE id = ?")
      .get(Number(this.evening)) as { start_at: number };
    const by = Math.round((Date.now() + inMs - before) / 1_000) * 1_000;
    for (const [table, key] of [
      ["evenings", "id"],
      ["bookings", "evening"],
    ] as const) {
      records
        .prepare(
          `UPDATE ${table} SET start_at = start_at + ?, end_at = end_at + ? WHERE ${key} = ?`,
        )
        .run(by, by, Number(this.evening));
    }
    records.close();
  }

  close(): void {
    this.api.close();
  }
}

const MINUTE_MS = 60_000;
/** How long before its start an appointment can be joined, and how long its evening's links live on. */
export const OPENS_BEFORE_MS = 15 * MINUTE_MS;
export const EVENING_MS = 60 * MINUTE_MS;
export const LINKS_OUTLIVE_MS = 15 * MINUTE_MS;

export type Setting = {
  readonly names?: Names;
  readonly engine?: Engine;
  /** Settings of the program, as environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
};

/** Founds a school with one family's evening in it for `tell`, and ends it. */
export function withFamily(
  name: string,
  tell: (family: Family, people: People, school: School) => Promise<void>,
  { names = {}, engine = "chromium", settings = {} }: Setting = {},
): Promise<void> {
  const meet = async (school: School, people: People) => {
    const family = await Family.meets(school, names);
    try {
      await tell(family, people, school);
    } finally {
      family.close();
    }
  };
  return withSchool(name, meet, settings, engine);
}
