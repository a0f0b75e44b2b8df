// By which presses somebody said who they are on this device, for a day, at whatever door: whom the school has
// put out of a call does not come back there as somebody new, by another link either (SCR-14). A press
// opens nothing by itself.

import { count, listOf, parseJson, read, shaped, text } from "../wire/read";
import { quietly } from "./kept";

/** As long as the link lives that was given for it. */
const KEPT_MS = 24 * 3_600_000;

/** As many as the server looks at. */
const MOST = 4;

type CameBy = {
  readonly attempt: string;
  /** Milliseconds since 1970. */
  readonly at: number;
};

const KEY = "homeroom.came-by";

const readAll = listOf(shaped<CameBy>({ attempt: text, at: count }));

/** The last presses, the newest first. */
export function cameBy(now: number): readonly string[] {
  return all(now).map(({ attempt }) => attempt);
}

export function keepCameBy(attempt: string, now: number): void {
  const others = all(now).filter((one) => one.attempt !== attempt);
  const kept = [{ attempt, at: now }, ...others].slice(0, MOST);
  quietly(() => localStorage.setItem(KEY, JSON.stringify(kept)));
}

function all(now: number): readonly CameBy[] {
  const found = read(readAll, parseJson(quietly(() => localStorage.getItem(KEY)) ?? ""));
  const kept = found.type === "read" ? found.value : [];
  return kept.filter(({ at }) => now < at + KEPT_MS).slice(0, MOST);
}
