/**
 * Strangers at the door, one line each: thousands of silent connections, as many handshakes as one address can
 * make, guesses at links, messages that are too much, and connections asked for before any press. It is run in a
 * network of its own, whose addresses count as those of others do.
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { anOffer } from "../harness/raw-guest.ts";
import { beside, join, type Seen, type Server, withServer } from "./strangers/beside.ts";
import { guessed, told } from "./strangers/links.ts";
import { tooMuch } from "./strangers/messages.ts";
import { prepared } from "./strangers/prepared.ts";
import { quantile, tenths } from "./summary.ts";
import { MOST_T } from "./welch.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", default: "silent,handshakes,guesses,times,messages,prepared" },
    silent: { type: "string", default: "5000" },
    joins: { type: "string", default: "300" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "20" },
    prepared: { type: "string", default: "10000" },
    guesses: { type: "string", default: "100000" },
    asks: { type: "string", default: "5000" },
  },
});

/** The first link, and how many. */
type Range = readonly [from: number, count: number];
/** How often somebody joins beside the silent. */
const EVERY_MS = 25;
/** How many connections of a worker may wait for a press (docs/bounds.md). */
const MOST_PREPARED = 1_000;

function p99(all: readonly number[]): number {
  return tenths(quantile(all, 0.99));
}

const offer = await anOffer();
const only = new Set(values.only.split(","));
const missed: string[] = [];

function bar(holds: boolean, what: string): void {
  if (!holds) {
    missed.push(what);
  }
}

function tell(what: string, figures: object): void {
  console.log(
    values.json ? JSON.stringify({ what, ...figures }) : `${what}:`,
    ...(values.json ? [] : [figures]),
  );
}

/** People join, one every so often; each link is used as seldom as may be. */
async function joins(server: Server, [from, count]: Range, everyMs: number): Promise<number[]> {
  const took = [];
  const began = performance.now();
  for (let number = 0; number < count; number += 1) {
    const due = began + number * everyMs - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due)));
    const { invitations } = server;
    const invitation = invitations[(from + number) % invitations.length];
    assert.ok(invitation, "there are links");
    took.push(await join(invitation, offer));
  }
  return took;
}

async function silent(): Promise<void> {
  const count = Number(values.joins);
  const [alone, crowded]: [number[], number[]] = [[], []];
  let longest = 0;
  let cut = 0;
  for (let round = 0; round < Number(values.rounds); round += 1) {
    // A program of its own each time: an address may join so often a minute.
    await withServer(100, async (server) => {
      await joins(server, [0, 50], EVERY_MS);
      alone.push(...(await joins(server, [50, count], EVERY_MS)));
      const [seen] = await beside(server, [["silent", Number(values.silent)]], async () => {
        crowded.push(...(await joins(server, [50 + count, count], EVERY_MS)));
      });
      assert.ok(seen && seen.open > 0.8 * Number(values.silent), "most are opened again at once");
      longest = Math.max(longest, seen.longest_ms);
      cut += seen.cut;
    });
  }
  const figures = {
    silent: Number(values.silent),
    joins: crowded.length,
    alone_p99_ms: p99(alone),
    beside_p99_ms: p99(crowded),
    cut,
    longest_ms: Math.round(longest),
  };
  tell("silent connections", figures);
  bar(figures.beside_p99_ms <= figures.alone_p99_ms * 1.2, "joins beside silent connections");
  bar(cut > 0 && longest <= 5_000, "silent connections are cut");
}

async function handshakes(): Promise<void> {
  await withServer(100, async (server) => {
    let took: number[] = [];
    const crowds = [
      ["knock", 0],
      ["knock", 0],
    ] as const;
    const all = await beside(server, crowds, async () => {
      // Ten a second: 600 a minute.
      took = await joins(server, [0, Number(values.seconds) * 10], 100);
    });
    const seconds = Math.max(...all.map((seen) => seen.seconds));
    const sum = (of: (seen: Seen) => number) => all.reduce((total, seen) => total + of(seen), 0);
    const answered = sum((seen) => seen.answered);
    tell("handshakes from one address", {
      handshakes_per_s: Math.round(sum((seen) => seen.asked) / seconds),
      answered_per_s: Math.round(answered / seconds),
      joins: took.length,
      joins_p99_ms: p99(took),
    });
    // So many a second, and twice as many at once at first (limits.connections_per_address_per_s).
    bar(answered <= 200 * seconds + 400, "handshakes are limited");
  });
}

async function guesses(): Promise<void> {
  await withServer(1, async (server) => {
    const { answers, minutes } = await guessed(server, Number(values.guesses));
    tell("guesses at links", { answers, seconds: Math.round(minutes * 60) });
    const looked = Number(values.guesses) - (answers[429] ?? 0);
    bar(looked <= 60 * (minutes + 1) + 1, "guesses are throttled");
  });
}

async function times(): Promise<void> {
  const all = await told(Number(values.asks));
  tell("the time of the answer to a wrong link, Welch's t", all);
  bar(
    Object.values(all).every((t) => Math.abs(t) < MOST_T),
    "the time of an answer tells nothing",
  );
}

async function messages(): Promise<void> {
  await withServer(18, async (server) => {
    for (const { name, ...figures } of await tooMuch(server)) {
      tell(`too much: ${name}`, figures);
      bar(figures.slowest_ms <= 1_000 && figures.grown_kib <= 10_240, name);
    }
  });
}

async function prepares(): Promise<void> {
  await withServer(250, async (server) => {
    const { open, refused } = await prepared(server, Number(values.prepared));
    tell("connections before the press, asked for by one address", { open, refused });
    bar(open <= MOST_PREPARED, "no more are prepared than a worker may have");
  });
}

for (const [name, play] of Object.entries({
  silent,
  handshakes,
  guesses,
  times,
  messages,
  prepared: prepares,
})) {
  if (only.has(name)) {
    await play();
  }
}
for (const what of missed) {
  console.error(`the bar is missed: ${what}`);
  process.exitCode = 1;
}
