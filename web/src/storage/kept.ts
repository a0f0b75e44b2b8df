// What a reload needs to keep its seat, in `sessionStorage`: this tab's, and gone with it.

import type { Held } from "../session/state";
import type { RelayAccess } from "../wire/messages";
import { isRelayAccess } from "../wire/parse";

export type Kept = {
  readonly held: Held;
  readonly microphone: boolean;
  readonly camera: boolean;
  /** The appointment that Join was pressed for: pressed again, it is that one. */
  readonly appointment?: string | null;
  /** The session's credentials of the relay, good as long as it is. */
  readonly relay?: RelayAccess | null;
};

const key = (link: string) => `homeroom.session.${link}`;

export function keep(link: string, kept: Kept): void {
  quietly(() => sessionStorage.setItem(key(link), JSON.stringify(kept)));
}

export function forget(link: string): void {
  quietly(() => sessionStorage.removeItem(key(link)));
}

export function kept(link: string): Kept | null {
  const text = quietly(() => sessionStorage.getItem(key(link)));
  const value: unknown = text ? quietly(() => JSON.parse(text)) : null;
  return isKept(value) ? value : null;
}

function isKept(value: unknown): value is Kept {
  if (!isFields(value) || !isFields(value["held"])) {
    return false;
  }
  const { id, secret, epoch } = value["held"];
  return (
    typeof id === "string" &&
    typeof secret === "string" &&
    typeof epoch === "number" &&
    typeof value["microphone"] === "boolean" &&
    typeof value["camera"] === "boolean" &&
    ((value["appointment"] ?? null) === null || typeof value["appointment"] === "string") &&
    ((value["relay"] ?? null) === null || isRelayAccess(value["relay"]))
  );
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Storage may be switched off: then a reload costs a press on Join, and nothing else. */
export function quietly<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
