/** One attack on a program of its own, which must outlive it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { forgetMost, resident } from "../harness/memory.ts";
import { Program } from "../harness/program.ts";

/** The least that its memory may grow by what is done, KiB. */
const MAY_GROW_KIB = 10 * 1_024;

export async function memoryIsFlat(program: Program, attack: () => Promise<void>): Promise<void> {
  const before = await resident(program.pid);
  await attack();
  const grown = (await resident(program.pid)) - before;
  assert.ok(grown <= MAY_GROW_KIB, `its memory grew by ${grown} KiB`);
}

/**
 * As {@link memoryIsFlat}, at no moment of the attack, which is begun by `first`: the pages of its own
 * code that the program reads into memory for it are not what it keeps.
 */
export async function memoryStaysFlat(
  program: Program,
  first: () => Promise<void>,
  attack: () => Promise<void>,
): Promise<void> {
  await first();
  const before = await resident(program.pid);
  await forgetMost(program.pid);
  await attack();
  const grown = (await resident(program.pid, "most")) - before;
  assert.ok(grown <= MAY_GROW_KIB, `its memory grew by ${grown} KiB`);
}

export async function lives(program: Program): Promise<void> {
  const { status } = await fetch(`${program.origin}/healthz`);
  assert.equal(status, 200);
}

/** Runs `body` against a program of its own; whatever it did, the program lives and ends well. */
export function attack(name: string, body: (program: Program) => Promise<void>): void {
  test(name, async () => {
    const program = await Program.start();
    try {
      await body(program);
      await lives(program);
    } finally {
      await program.end();
    }
  });
}
