/**
 * A seated guest who sends what harms, as fast as a core can, while four others talk elsewhere: at
 * most a hundredth of their sound is lost, and the program's memory stays where it was.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadtest } from "../bench/loadtest.ts";

const SECONDS = process.env.HOMEROOM_ATTACK_SECONDS ?? "5";
const MOST_LOST = 0.01;
const MAY_GROW_KIB = 10 * 1_024;

type Found = {
  readonly sound: { readonly expected: number; readonly lost: number };
  readonly memory_added_kib: number;
  readonly harm: { readonly sent: number };
};

/** At least so many a second are sent: what is said is read no faster than one may speak. */
const KINDS = {
  handshake: 200,
  checks: 200,
  media: 200,
  reports: 200,
  relay: 200,
  offers: 15,
  messages: 15,
};

for (const [harm, least] of Object.entries(KINDS)) {
  test(`a guest who floods: ${harm}`, async (context) => {
    const found = (await loadtest(1, ["--seconds", SECONDS, "--harm", harm])) as Found;
    const { sound, memory_added_kib: grown } = found;
    const rate = Math.round(found.harm.sent / Number(SECONDS));
    context.diagnostic(`${rate} a second; ${sound.lost} of ${sound.expected}; ${grown} KiB`);
    assert.ok(rate > least, "it was at work");
    assert.ok(sound.lost / sound.expected <= MOST_LOST, `${sound.lost} of ${sound.expected} lost`);
    assert.ok(grown <= MAY_GROW_KIB, `its memory grew by ${grown} KiB`);
  });
}
