/** The school office, at its pages: what an administrator does before and during an evening. */

import type { Page } from "playwright-core";
import { fill, follow, press, tick, untilAt, untilReads } from "./form.ts";
import type { School } from "./school.ts";

export const ADMINISTRATOR = {
  name: "Dana Reyes",
  email: "dana@fairview.example",
  password: "correct horse battery",
} as const;

export type Pupil = {
  readonly name: string;
  readonly classes: readonly string[];
  readonly guardians: readonly { readonly name: string; readonly email: string }[];
};

export class Office {
  readonly page: Page;
  readonly #origin: string;

  private constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
  }

  /** Opens the one-time link and makes the first administrator. */
  static async setUp(page: Page, school: School): Promise<Office> {
    await page.goto(school.setup);
    await untilAt(page, "Set up your school");
    await fill(page, {
      "Name of the school": "Fairview School",
      "Your name": ADMINISTRATOR.name,
      "Email address": ADMINISTRATOR.email,
      Password: ADMINISTRATOR.password,
    });
    await press(page, "Set up");
    await untilAt(page, "Evenings");
    return new Office(page, school.origin);
  }

  async goTo(path: string): Promise<void> {
    const place = path === "" ? "office" : `office/${path}`;
    await this.page.goto(`${this.#origin}/${place}`);
  }

  async addTeacher(name: string, email: string): Promise<void> {
    await this.goTo("teachers/new");
    await fill(this.page, { Name: name, "Email address": email });
    await press(this.page, "Save");
    await untilReads(this.page, `${name} has been saved.`);
  }

  async addClass(name: string, subject: string, teachers: readonly string[]): Promise<void> {
    await this.goTo("classes/new");
    await fill(this.page, { Class: name, Subject: subject });
    await tick(this.page, teachers);
    await press(this.page, "Save");
    await untilReads(this.page, `${name} has been saved.`);
  }

  async addPupil({ name, classes, guardians }: Pupil): Promise<void> {
    await this.goTo("students/new");
    await fill(this.page, { Name: name });
    await tick(
      this.page,
      classes.map((one) => new RegExp(`^${one}`)),
    );
    await press(this.page, "Save");
    await untilReads(this.page, `${name} has been saved.`);
    for (const guardian of guardians) {
      await follow(this.page, "Add a parent or guardian");
      await untilAt(this.page, "Add a parent or guardian");
      await fill(this.page, { Name: guardian.name, "Email address": guardian.email });
      await press(this.page, "Save");
      await untilReads(this.page, `${guardian.name} has been saved.`);
    }
  }

  /** Links a parent of one student to another. */
  async linkSibling(guardian: string, sibling: string): Promise<void> {
    await this.goTo("students");
    const row = this.page.getByRole("row").filter({ hasText: guardian });
    await row.first().getByRole("link").first().click();
    await follow(this.page, guardian);
    await untilAt(this.page, guardian);
    await fill(this.page, { "Find another student of this person": sibling });
    await press(this.page, "Search");
    await press(this.page, "Link to this person");
    await untilReads(this.page, `${sibling} is linked to ${guardian}.`);
  }

  /** Imports a file: first looked at, then done. */
  async importStudents(csv: string): Promise<void> {
    await this.checkStudents(csv);
    await press(this.page, "Import now");
    await untilAt(this.page, "The import is done");
  }

  /** What a file would do. */
  async checkStudents(csv: string): Promise<void> {
    await this.goTo("import");
    await this.page.getByLabel("CSV file").setInputFiles({
      name: "students.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(csv),
    });
    await press(this.page, "Check the file");
    await untilAt(this.page, "What the import would do");
  }

  /**
   * Creates an evening and opens its booking; it is now. Parents are written to unless that is not wished.
   * `asked` is called when the page asks that.
   */
  async createEvening(
    name: string,
    now: Evening,
    { sends = true, asked = () => Promise.resolve() } = {},
  ): Promise<void> {
    await this.goTo("evenings/new");
    await fill(this.page, {
      Name: name,
      Date: now.date,
      "Starts at": now.starts,
      "Ends at": now.ends,
      "Time zone": now.zone,
      "Minutes for each appointment": String(now.slotMinutes),
      "Minutes between appointments": "0",
      "Closing date": now.date,
      "Closing time": now.ends,
    });
    await press(this.page, "Create the evening");
    await untilAt(this.page, name);
    await press(this.page, "Open booking");
    const dialog = this.page.getByRole("dialog");
    await dialog.getByLabel("Send every parent their link to book by").setChecked(sends);
    await asked();
    await press(dialog, "Open booking");
    await this.page.getByRole("button", { name: "Close booking" }).waitFor();
  }

  /** Opens an evening's page and sends everybody their link. */
  async sendLinksTo(whose: "parents" | "teachers", evening: string): Promise<void> {
    await this.goTo("");
    await follow(this.page, evening);
    await untilAt(this.page, evening);
    await this.sendLinks(whose);
  }

  /** Sends everybody their link, from an evening's page. */
  async sendLinks(whose: "parents" | "teachers"): Promise<void> {
    await press(this.page, `Send links to ${whose}`);
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Send", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
  }
}

export type Evening = {
  readonly zone: string;
  readonly date: string;
  readonly starts: string;
  readonly ends: string;
  readonly slotMinutes: number;
};

/** In one of them, whenever the test runs, ten hours of the day are still to come. */
const ZONES = [
  "Europe/London",
  "America/New_York",
  "Asia/Tokyo",
  "America/Los_Angeles",
  "Asia/Kolkata",
];

/** The longest there are. */
const SLOT_MINUTES = 120;

/** An evening of five slots, the first of which has begun and lasts an hour yet. */
export function eveningOfNow(now = new Date()): Evening {
  const hourIn = (zone: string) => Number(wall(now, zone).time.slice(0, 2));
  const zone = ZONES.find((one) => hourIn(one) >= 4 && hourIn(one) <= 13) ?? "Europe/London";
  const { date, time } = wall(now, zone);
  const hour = Number(time.slice(0, 2));
  const at = (hours: number) => `${String(hours).padStart(2, "0")}:00`;
  return { zone, date, starts: at(hour), ends: at(hour + 10), slotMinutes: SLOT_MINUTES };
}

function wall(now: Date, zone: string): { readonly date: string; readonly time: string } {
  const [date = "", time = ""] = now
    .toLocaleString("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" })
    .split(" ");
  return { date, time };
}
