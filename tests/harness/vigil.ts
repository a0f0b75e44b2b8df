/** People who stay in calls whatever becomes of the servers, by `homeroom loadtest --vigil`, and what they notice. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Invitation, PROGRAM } from "./program.ts";
import { assertRuns, until } from "./until.ts";

export const SEATS = 4;

/** A participant, and the slot in which whoever says it receives them. */
type Seated = readonly [participant: number, slot: number | null];

/** One word to somebody. Times are milliseconds since 1970. */
type Word = {
  readonly at: number;
  readonly who: number;
  readonly call: number;
  readonly is: "seated" | "waits" | "hears" | "renews" | "lost" | "over";
  readonly people?: readonly Seated[];
  readonly place?: number;
  readonly why?: string;
};

/** What came to each since the one before. */
type Pulse = {
  readonly at: number;
  readonly came: readonly number[];
  readonly silence: readonly number[];
};

/** Where somebody is, as they were told last. */
type Stand = {
  readonly call: number;
  /** `lost`: on the way back. */
  is: "seated" | "waits" | "lost" | "over";
  people: readonly Seated[];
  place: number;
};

/** How long all must be in their places before they are said to be. */
const STEADY_MS = 1_000;

/** How long coming back may take at all. */
const LONGEST_MS = 90_000;

export class Vigil {
  readonly words: Word[] = [];
  readonly pulses: Pulse[] = [];
  /** Moments at which more than four of one call were heard, or held a seat. */
  readonly fifths: string[] = [];
  readonly #stands: Stand[] = [];
  readonly #process: ChildProcess;
  readonly #folder: string;
  #isReady = false;
  complaints = "";

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
  }

  /** So many people of each call are in their places when this returns; links of a call follow each other. */
  static async begin(invitations: readonly Invitation[], people = 5): Promise<Vigil> {
    const folder = await mkdtemp(join(tmpdir(), "homeroom-vigil-"));
    const file = join(folder, "links.json");
    await writeFile(file, JSON.stringify(invitations));
    const calls = Math.floor(invitations.length / people);
    const options = ["--calls", `${calls}`, "--vigil", `${people}`, "--links", file];
    const child = spawn(PROGRAM, ["loadtest", ...options], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const vigil = new Vigil(child, folder);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      vigil.complaints += text;
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line !== "") {
        vigil.#note(JSON.parse(line));
      }
    });
    try {
      await until(
        "everybody is in their place",
        () => {
          assertRuns(child, vigil.complaints);
          return vigil.#isReady && vigil.isSteady(0);
        },
        LONGEST_MS * 2,
      );
    } catch (error) {
      await vigil.end();
      throw error;
    }
    return vigil;
  }

  /** Waits until everybody has been in a place, and who sits has been heard, for a second that began after `since`. */
  async untilSteady(since: number): Promise<boolean> {
    try {
      await until("all are back", () => this.isSteady(since), LONGEST_MS);
      return true;
    } catch {
      return false;
    }
  }

  isSteady(since: number): boolean {
    const from = Math.max(since, Date.now() - STEADY_MS);
    const lately = this.pulses.slice(-30).filter(({ at }) => at >= from);
    const first = lately[0];
    if (first === undefined || Date.now() - from < STEADY_MS * 0.9 || lately.length < 5) {
      return false;
    }
    return this.#stands.every((stand, who) => {
      const heard = lately.filter(({ came }) => (came[who] ?? 0) > 0).length;
      return stand.is === "waits" || (stand.is === "seated" && heard * 2 > lately.length);
    });
  }

  /** Where everybody is now. */
  stands(): Stand[] {
    return this.#stands.map((stand) => ({ ...stand }));
  }

  /** Who is no more where they were. */
  moved(before: readonly Stand[]): string[] {
    return before.flatMap((was, who) => {
      const now = this.#stands[who];
      const isThere =
        now?.is === was.is &&
        (was.is === "waits" ? now.place === was.place : keeps(was.people, now.people));
      return isThere ? [] : [`${who} of call ${was.call}: ${told(was)}, now ${told(now)}`];
    });
  }

  /** Words of these kinds since then. */
  since(at: number, ...kinds: readonly Word["is"][]): Word[] {
    return this.words.filter((word) => word.at >= at && kinds.includes(word.is));
  }

  /** From `at` until each who lost their socket or their connection since then was in their place again, ms. */
  back(at: number): number[] {
    const touched = new Set(this.since(at, "lost", "renews", "over").map(({ who }) => who));
    return [...touched].flatMap((who) => {
      const is = this.#stands[who]?.is === "waits" ? "waits" : "hears";
      const word = this.since(at, is).findLast((it) => it.who === who);
      return word === undefined ? [] : [word.at - at];
    });
  }

  /** The longest time from `at` on in which nothing came to each who sits, ms; across connections too. */
  silences(at: number): Map<number, number> {
    const pulses = this.pulses.filter((pulse) => pulse.at >= at);
    const all = this.#stands.map((_, who): [number, number] => {
      let last = at;
      let longest = 0;
      for (const { at: now, came, silence } of pulses) {
        if ((came[who] ?? 0) > 0) {
          // A tenth of a second may lie between two looks, and media came at some moment of it.
          longest = Math.max(longest, now - last - 200, silence[who] ?? 0);
          last = now;
        }
      }
      return [who, Math.max(longest, (pulses.at(-1)?.at ?? at) - last - 200)];
    });
    return new Map(all.filter(([who]) => this.#stands[who]?.is !== "waits"));
  }

  async end(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, "exit");
      this.#process.kill("SIGINT");
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  #note(line: Word | Pulse | { readonly ready: boolean }): void {
    if ("ready" in line) {
      this.#isReady = true;
    } else if ("came" in line) {
      this.pulses.push(line);
      this.#count(line.at, "are heard", (who) => (line.came[who] ?? 0) > 0);
    } else {
      this.words.push(line);
      this.#hear(line);
      this.#count(line.at, "hold a seat", (who) => this.#stands[who]?.is === "seated");
    }
  }

  #hear({ who, call, is, people, place }: Word): void {
    const stand = this.#stands[who] ?? { call, is: "lost", people: [], place: 0 };
    this.#stands[who] = stand;
    if (is !== "hears" && is !== "renews") {
      stand.is = is;
    }
    stand.people = people ?? stand.people;
    stand.place = place ?? stand.place;
  }

  #count(at: number, what: string, counts: (who: number) => boolean): void {
    const each = new Map<number, number>();
    for (const [who, { call }] of this.#stands.entries()) {
      each.set(call, (each.get(call) ?? 0) + (counts(who) ? 1 : 0));
    }
    for (const [call, count] of each) {
      if (count > SEATS) {
        this.fifths.push(`${new Date(at).toISOString()}: ${count} of call ${call} ${what}`);
      }
    }
  }
}

/** Whether who sat before sits where they sat; whoever has come back is told of four. */
function keeps(before: readonly Seated[], now: readonly Seated[]): boolean {
  if (before === now) {
    return true;
  }
  const slots = new Map(now);
  return now.length === SEATS && before.every(([who, slot]) => slots.get(who) === slot);
}

function told(stand: Stand | undefined): string {
  return stand?.is === "waits"
    ? `waits at ${stand.place}`
    : `${stand?.is} ${JSON.stringify(stand?.people)}`;
}
