// By which presses somebody came by the link of a room or a waiting area on this device, for a day: whom
// the school has put out of a call there does not come back as somebody new (SCR-14). A press opens
// nothing by itself.

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

const key = (door: string) => `homeroom.came-by.${door}`;

const readAll = listOf(shaped<CameBy>({ attempt: text, at: count }));

/** The last presses at this door, the newest first. */
export function cameBy(door: string, now: number): readonly string[] {
  return all(door, now).map(({ attempt }) => attempt);
}

export function keepCameBy(door: string, attempt: string, now: number): void {
  const others = all(door, now).filter((one) => one.attempt !== attempt);
  const kept = [{ attempt, at: now }, ...others].slice(0, MOST);
  quietly(() => localStorage.setItem(key(door), JSON.stringify(kept)));
}

function all(door: string, now: number): readonly CameBy[] {
  const found = read(readAll, parseJson(quietly(() => localStorage.getItem(key(door))) ?? ""));
  const kept = found.type === "read" ? found.value : [];
  return kept.filter(({ at }) => now < at + KEPT_MS).slice(0, MOST);
}
