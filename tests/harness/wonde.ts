/**
 * A server that answers as Wonde's documentation says that theirs does ("School Data Sync": authentication,
 * pagination, rate limiting, employees, classes, students with contacts and their details), with faults.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const SCHOOL = "A1930499544";
export const TOKEN = "7e76896f9aca62569048c667db292d72dd84f224";

type Relationship = {
  readonly relationship: string;
  readonly court_order?: boolean;
  readonly parental_responsibility?: boolean;
};

export type Contact = Relationship & {
  readonly id: string;
  readonly forename: string;
  readonly email?: string;
};

export type Student = {
  readonly id: string;
  readonly forename: string;
  readonly contacts: readonly Contact[];
};

/** What a page is answered with instead of itself. */
export type Fault = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** How many records are on a page, however many are asked for. */
const ON_A_PAGE = 2;

const DETAILS = (email: string | undefined) => ({
  data: {
    phones: {
      phone: "01632 960001",
      primary: null,
      home: "01632 960001",
      work: null,
      mobile: null,
    },
    emails: { email: email ?? null, primary: email ?? null, home: null, work: null },
  },
});

const person = (id: string, forename: string, surname: string) => ({
  id,
  upi: "36e4f5c3264740a3af91abb6c50094d2",
  mis_id: id.replace(/\D/g, ""),
  title: null,
  initials: null,
  surname,
  forename,
  middle_names: null,
  date_of_birth: null,
  updated_at: { date: "2026-10-04 08:48:52.000000", timezone_type: 3, timezone: "UTC" },
});

const EMPLOYEES = [
  { ...person("E1", "Ngozi", "Okafor"), contact_details: DETAILS("okafor@fairview.example") },
  { ...person("E2", "Sam", "Porter"), contact_details: DETAILS(undefined) },
];

const CLASSES = [
  {
    id: "K1",
    mis_id: "1",
    name: "8B/Fr",
    code: "8BFR",
    description: "French",
    subject: { data: { id: "S1", code: "FR", name: "French" } },
    employees: { data: [person("E1", "Ngozi", "Okafor")] },
  },
];

export class Wonde {
  students: readonly Student[] = [];
  /** How often all students were asked for, from the first page on. */
  runs = 0;
  readonly #server: Server;
  #fault: { readonly page: string; readonly fault: Fault; times: number } | undefined;
  #held: { readonly page: string; readonly waiting: (() => void)[] } | undefined;

  private constructor() {
    this.#server = createServer((asked, answer) => this.#serve(asked, answer));
  }

  static async open(): Promise<Wonde> {
    const wonde = new Wonde();
    wonde.#server.listen(0, "127.0.0.1");
    await once(wonde.#server, "listening");
    return wonde;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A page such as `students 2` is answered with this, so many times. */
  fail(page: string, fault: Fault, times = Number.POSITIVE_INFINITY): void {
    this.#fault = { page, fault, times };
  }

  getWell(): void {
    this.#fault = undefined;
  }

  /** Such a page is not answered before `letGo`. */
  hold(page: string): void {
    this.#held = { page, waiting: [] };
  }

  get holds(): boolean {
    return (this.#held?.waiting.length ?? 0) > 0;
  }

  letGo(): void {
    const waiting = this.#held?.waiting ?? [];
    this.#held = undefined;
    for (const go of waiting) {
      go();
    }
  }

  async close(): Promise<void> {
    this.letGo();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(asked: IncomingMessage, answer: ServerResponse): void {
    const url = new URL(asked.url ?? "/", this.origin);
    const send = (status: number, body: unknown, headers = {}) => {
      answer.writeHead(status, { "content-type": "application/json", ...headers });
      answer.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    if (asked.headers.authorization !== `Bearer ${TOKEN}`) {
      send(401, { error: "invalid_token" });
      return;
    }
    const [, kind = ""] = /^\/v1\.0\/schools\/A1930499544\/(\w+)$/.exec(url.pathname) ?? [];
    const records = this.#records(kind);
    if (records === undefined) {
      send(404, { error: "not_found" });
      return;
    }
    const number = Number(url.searchParams.get("page") ?? "1");
    const page = `${kind} ${number}`;
    // Their ids alone are asked for once more.
    this.runs += page === "students 1" && url.searchParams.has("include") ? 1 : 0;
    const failing = this.#fault;
    if (failing?.page === page && failing.times > 0) {
      failing.times -= 1;
      send(failing.fault.status, failing.fault.body ?? "", failing.fault.headers);
      return;
    }
    const go = () => {
      const from = (number - 1) * ON_A_PAGE;
      const more = records.length > from + ON_A_PAGE;
      url.searchParams.set("page", String(number + 1));
      send(200, {
        data: records.slice(from, from + ON_A_PAGE),
        meta: {
          pagination: {
            next: more ? url.href : null,
            previous: null,
            more,
            per_page: url.searchParams.get("per_page"),
            current_page: number,
          },
          includes: [],
        },
      });
    };
    if (this.#held?.page === page) {
      this.#held.waiting.push(go);
    } else {
      go();
    }
  }

  #records(kind: string): readonly object[] | undefined {
    switch (kind) {
      case "employees":
        return EMPLOYEES;
      case "classes":
        return CLASSES;
      case "students":
        return this.students.map(({ id, forename, contacts }) => ({
          ...person(id, forename, "Reed"),
          classes: { data: CLASSES },
          registration: { data: { id: "G1", name: "8B" } },
          year: { data: { id: "G2", name: "8" } },
          contacts: {
            data: contacts.map(({ id: contact, forename: name, email, ...relationship }) => ({
              ...person(contact, name, "Reed"),
              relationship: {
                bill_payer: false,
                lives_with_pupil: true,
                court_order: false,
                parental_responsibility: true,
                priority: 1,
                ...relationship,
              },
              contact_details: DETAILS(email),
            })),
          },
        }));
      default:
        return undefined;
    }
  }
}

/** A zone in which it is night. */
export function nightZone(now = new Date()): string {
  return zoneAt(nightOffset(now));
}

/** A zone in which it is late in the evening, the day before the night of `nightZone`, at any hour of the day. */
export function eveningBefore(now = new Date()): string {
  const offset = Math.max(nightOffset(now) - 5, -12);
  const hour = hourAt(offset, now);
  assert.ok(hour >= 21 && hour <= 23, `it is ${hour} o'clock, and to be the evening before`);
  return zoneAt(offset);
}

/** A zone in which it is noon: nothing is imported there by itself. */
export function dayZone(now = new Date()): string {
  return zoneAt(12 - now.getUTCHours());
}

function nightOffset(now: Date): number {
  const offsets = Array.from({ length: 23 }, (_, nth) => nth - 8);
  const night = offsets.find((offset) => hourAt(offset, now) === 3) ?? 14;
  assert.ok([2, 3].includes(hourAt(night, now)), "it is night somewhere");
  return night;
}

const hourAt = (offset: number, now: Date) => (now.getUTCHours() + offset + 48) % 24;

/** These names count the other way round: Etc/GMT-3 is three hours before Greenwich. */
const zoneAt = (offset: number) => (offset > 0 ? `Etc/GMT-${offset}` : `Etc/GMT+${-offset}`);
