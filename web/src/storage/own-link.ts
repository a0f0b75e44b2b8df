// Which link is a parent's own on this device, so that it can be told from their guest's (SESS-6).
// The device keeps no more of it than its id, which opens nothing; the whole of it is this tab's,
// and gone with it.

import { quietly } from "./kept";

const KEY = "homeroom.own-link";

/** For how long after the evening it is of use. */
const KEPT_MS = 24 * 3_600_000;

export type OwnLink = {
  readonly name: string;
  /** The path of its address, without the secret. */
  readonly path: string;
  /** The whole of it, where this tab has shown it. */
  readonly address: string | null;
};

type Kept = {
  readonly name: string;
  readonly path: string;
  /** When it may be forgotten, milliseconds since 1970. */
  readonly until: number;
};

export function keepOwnLink(
  name: string,
  link: { readonly id: string; readonly secret: string },
  eveningEnds: string,
): void {
  const path = `/j/${encodeURIComponent(link.id)}`;
  const kept: Kept = { name, path, until: Date.parse(eveningEnds) + KEPT_MS };
  quietly(() => localStorage.setItem(KEY, JSON.stringify(kept)));
  quietly(() => sessionStorage.setItem(KEY, `${path}#${link.secret}`));
}

/** `null` where there is none, or where its evening is over. */
export function ownLink(now: number): OwnLink | null {
  const text = quietly(() => localStorage.getItem(KEY));
  const value: unknown = text ? quietly(() => JSON.parse(text)) : null;
  if (!isKept(value) || value.until < now) {
    // What an earlier version left held the secret.
    quietly(() => localStorage.removeItem(KEY));
    quietly(() => sessionStorage.removeItem(KEY));
    return null;
  }
  const { name, path } = value;
  const shown = quietly(() => sessionStorage.getItem(KEY));
  return { name, path, address: shown?.startsWith(`${path}#`) === true ? shown : null };
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { name, path, until } = value as Readonly<Record<string, unknown>>;
  return (
    typeof name === "string" &&
    typeof path === "string" &&
    /^\/j\/[^#]+$/.test(path) &&
    typeof until === "number"
  );
}
