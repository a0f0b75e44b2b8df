// Which link is a parent's own on this device, so that it can be told from their guest's (SESS-6).
// The browser's history has the same address.

import { quietly } from "./kept";

const KEY = "homeroom.own-link";

/** For how long after the evening it is of use. */
const KEPT_MS = 24 * 3_600_000;

export type OwnLink = {
  readonly name: string;
  /** Path and fragment. */
  readonly address: string;
  /** When it may be forgotten, milliseconds since 1970. */
  readonly until: number;
};

export function keepOwnLink(name: string, address: string, eveningEnds: string): void {
  const kept: OwnLink = { name, address, until: Date.parse(eveningEnds) + KEPT_MS };
  quietly(() => localStorage.setItem(KEY, JSON.stringify(kept)));
}

/** `null` where there is none, or where its evening is over. */
export function ownLink(now: number): OwnLink | null {
  const text = quietly(() => localStorage.getItem(KEY));
  const value: unknown = text ? quietly(() => JSON.parse(text)) : null;
  if (!isOwnLink(value)) {
    return null;
  }
  if (value.until < now) {
    quietly(() => localStorage.removeItem(KEY));
    return null;
  }
  return value;
}

function isOwnLink(value: unknown): value is OwnLink {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { name, address, until } = value as Readonly<Record<string, unknown>>;
  return (
    typeof name === "string" &&
    typeof address === "string" &&
    address.startsWith("/j/") &&
    typeof until === "number"
  );
}
