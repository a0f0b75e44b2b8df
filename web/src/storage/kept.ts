// What a reload needs to keep its seat, in `sessionStorage`: this tab's, and gone with it.

import type { Held, Written } from "../session/state";
import type { RelayAccess } from "../wire/messages";
import { count, flag, listOf, optional, parseJson, read, shaped, text } from "../wire/read";
import { readRelayAccess } from "../wire/readers";

export type Kept = {
  readonly held: Held;
  readonly microphone: boolean;
  readonly camera: boolean;
  /** The appointment that Join was pressed for: pressed again, it is that one. */
  readonly meeting?: string | null;
  /** The session's credentials of the relay, good as long as it is. */
  readonly relay?: RelayAccess | null;
};

const key = (link: string) => `homeroom.session.${link}`;

export function keep(link: string, kept: Kept): void {
  quietly(() => sessionStorage.setItem(key(link), JSON.stringify(kept)));
}

export function forget(link: string): void {
  quietly(() => sessionStorage.removeItem(key(link)));
  quietly(() => sessionStorage.removeItem(keyOfWritten(link)));
}

const keyOfWritten = (link: string) => `homeroom.written.${link}`;

/** What was written in the call that the kept session is of. */
export function keepWritten(link: string, written: readonly Written[]): void {
  quietly(() => sessionStorage.setItem(keyOfWritten(link), JSON.stringify(written)));
}

const readWritten = listOf(
  shaped<Written>({ number: count, participant: count, name: text, text }),
);

export function keptWritten(link: string): readonly Written[] {
  const kept = quietly(() => sessionStorage.getItem(keyOfWritten(link)));
  const found = read(readWritten, parseJson(kept ?? ""));
  return found.type === "read" ? found.value : [];
}

const readKept = shaped<Kept>({
  held: shaped<Held>({ id: text, secret: text, epoch: count }),
  microphone: flag,
  camera: flag,
  meeting: optional(text),
  relay: optional(readRelayAccess),
});

export function kept(link: string): Kept | null {
  const found = read(readKept, parseJson(quietly(() => sessionStorage.getItem(key(link))) ?? ""));
  return found.type === "read" ? found.value : null;
}

/** Storage may be switched off: then a reload costs a press on Join, and nothing else. */
export function quietly<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
