/**
 * A waiting area with many callers, each with their page open, and a provider who looks at the caller
 * list. Prints how soon an arrival is on the list, how soon everybody has their new place when one goes,
 * and what that costs the server.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type Api, attempt, type Link, linkOf } from "../harness/api.ts";
import { withEmptySchool } from "./empty-school.ts";
import { summary } from "./summary.ts";

/** How often somebody comes, and how often one goes. */
const ROUNDS = 20;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    callers: { type: "string", default: "200" },
  },
});
const callers = Number(values.callers);

type Changes = { readonly type: string; readonly seen: string };
type Home = {
  readonly seen: string;
  readonly areas: readonly { readonly callers: readonly { readonly id: string; name: string }[] }[];
};
type View = {
  readonly seen: string;
  readonly area: { readonly visit: { readonly stage: string; readonly place?: number } };
};

async function measure(api: Api, pid: number) {
  const { members } = await api.get<{ members: { id: string }[] }>("/members");
  const draft = { name: "Front desk", purpose: "", providers: members.map(({ id }) => id) };
  const made = await api.done("POST", "/areas", draft);
  const { id: area, url } = JSON.parse(made.body) as { id: string; url: string };
  const door = linkOf(url);
  const waiting: Caller[] = [];
  for (let n = 0; n < callers; n++) {
    waiting.push(await Caller.comes(api, door, `Caller ${n}`));
  }
  const list = new List(api);
  await list.looks();
  const before = await cpuSeconds(pid);
  const began = performance.now();
  const arrivals: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const came = performance.now();
    const name = `Arrival ${n}`;
    const [, caller] = await Promise.all([list.shows(name), Caller.comes(api, door, name)]);
    waiting.push(caller);
    arrivals.push(performance.now() - came);
  }
  const moves: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const first = waiting.shift();
    assert.ok(first !== undefined);
    const id = list.callers.find(({ name }) => name === first.name)?.id;
    assert.ok(id !== undefined);
    const went = performance.now();
    await api.done("POST", `/staff/areas/${area}/callers/${id}/end`, { word: "" });
    await Promise.all(waiting.map((caller, place) => caller.isAt(place + 1)));
    moves.push(performance.now() - went);
    first.goes();
  }
  const seconds = (performance.now() - began) / 1_000;
  const cpu = (await cpuSeconds(pid)) - before;
  list.closes();
  for (const caller of waiting) {
    caller.goes();
  }
  return {
    callers,
    arrival_on_the_list: summary(arrivals),
    everybody_moves_up: summary(moves),
    server_cpu_s: Math.round(cpu * 100) / 100,
    took_s: Math.round(seconds * 10) / 10,
  };
}

/** A caller whose page is open. */
class Caller {
  readonly name: string;
  #open = true;
  #place: number | undefined;
  #told: (() => void)[] = [];

  private constructor(name: string) {
    this.name = name;
  }

  static async comes(api: Api, door: Link, name: string): Promise<Caller> {
    const came = await api.by(door, "/visitors", { name, reason: "", attempt: attempt() });
    assert.equal(came.status, 200, came.body);
    const { path } = JSON.parse(came.body) as { path: string };
    const caller = new Caller(name);
    caller.#watches(api, linkOf(`http://localhost${path}`)).catch(unless(() => caller.#open));
    return caller;
  }

  async #watches(api: Api, link: Link): Promise<void> {
    while (this.#open) {
      const { seen, area } = JSON.parse((await api.by(link, "")).body) as View;
      this.#place = area.visit.place;
      for (const tell of this.#told.splice(0)) {
        tell();
      }
      let type = "nothing";
      while (this.#open && type === "nothing") {
        ({ type } = JSON.parse((await api.by(link, "/changes", { seen })).body) as Changes);
      }
    }
  }

  async isAt(place: number): Promise<void> {
    while (this.#place !== place) {
      await new Promise<void>((resolve) => this.#told.push(resolve));
    }
  }

  goes(): void {
    this.#open = false;
  }
}

/** A provider's start page. */
class List {
  readonly #api: Api;
  #open = true;
  #told: (() => void)[] = [];
  callers: Home["areas"][number]["callers"] = [];

  constructor(api: Api) {
    this.#api = api;
  }

  async looks(): Promise<void> {
    const { seen, areas } = await this.#api.get<Home>("/staff");
    this.callers = areas[0]?.callers ?? [];
    this.#watches(seen).catch(unless(() => this.#open));
  }

  async #watches(from: string): Promise<void> {
    let seen = from;
    while (this.#open) {
      const heard = await this.#api.done("POST", "/staff/changes", { seen });
      ({ seen } = JSON.parse(heard.body) as Changes);
      this.callers = (await this.#api.get<Home>("/staff")).areas[0]?.callers ?? [];
      for (const tell of this.#told.splice(0)) {
        tell();
      }
    }
  }

  async shows(name: string): Promise<void> {
    while (!this.callers.some((caller) => caller.name === name)) {
      await new Promise<void>((resolve) => this.#told.push(resolve));
    }
  }

  closes(): void {
    this.#open = false;
  }
}

/** What waits at the end is broken off with the server. */
function unless(isOpen: () => boolean) {
  return (error: unknown) => {
    if (isOpen()) {
      throw error;
    }
  };
}

/** Of a process so far, user and system (proc(5)). */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const report = await withEmptySchool(measure, {
  HOMEROOM__LIMITS__REQUESTS_PER_LINK_PER_MIN: "100000",
  HOMEROOM__LIMITS__VISITORS_PER_ADDRESS_PER_HOUR: "100000",
  HOMEROOM__LIMITS__VISITORS_PER_LINK_AND_ADDRESS: "100000",
});
console.log(values.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
