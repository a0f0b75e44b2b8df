// What readers of that which came over the network are put together from. A reader gives what it
// knows of a value, and throws where that is not what the server's types say. Whatever comes from
// outside has bounds: a text or a list beyond them is no answer of ours.

import { LONGEST_MESSAGE, MOST_ROWS } from "./limits";

/** Reads a value that stands `at` this place of what was sent. */
export type Read<T> = (value: unknown, at: string) => T;

/** What was read, or the place of what is missing or of another type: `people.2.role`. */
export type Readout<T> =
  | { readonly type: "read"; readonly value: T }
  | { readonly type: "wrong"; readonly at: string };

/** More than the rows of the largest file that can be imported, and what they name. */
const LONGEST_LIST = 8 * MOST_ROWS;

/** Its message is the place. */
class Wrong extends Error {}

export function wrong(at: string): never {
  throw new Wrong(at);
}

export function read<T>(reader: Read<T>, value: unknown): Readout<T> {
  try {
    return { type: "read", value: reader(value, "") };
  } catch (thrown) {
    if (thrown instanceof Wrong) {
      return { type: "wrong", at: thrown.message };
    }
    throw thrown;
  }
}

/** What is left out, for whoever looks into the page. */
export function complain(about: string, at: string): void {
  // biome-ignore lint/suspicious/noConsole: there is nobody else to tell
  console.warn(`cannot read ${about}: ${at}`);
}

/** A text as JSON, `undefined` where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const text: Read<string> = (value, at) =>
  typeof value === "string" && value.length <= LONGEST_MESSAGE ? value : wrong(at);

/** A moment, which a page formats: one that is none would throw there (RFC 3339). */
export const instant: Read<string> = (value, at) =>
  typeof value === "string" &&
  /^\d{4}-\d\d-\d\dT[\d:.]{5,18}(?:Z|[+-]\d\d:\d\d)$/.test(value) &&
  !Number.isNaN(Date.parse(value))
    ? value
    : wrong(at);

export const flag: Read<boolean> = (value, at) => (typeof value === "boolean" ? value : wrong(at));

export const count: Read<number> = (value, at) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : wrong(at);

/** Of an answer whose body nobody reads. */
export const anything: Read<unknown> = (value) => value;

export function optional<T>(reader: Read<T>): Read<T | undefined> {
  return orElse<T | undefined>(reader, undefined);
}

/** Null means the same as absent. */
export function orElse<T>(reader: Read<T>, absent: T): Read<T> {
  return (value, at) => (value === undefined || value === null ? absent : reader(value, at));
}

export function listOf<T>(reader: Read<T>): Read<T[]> {
  return (value, at) =>
    Array.isArray(value) && value.length <= LONGEST_LIST
      ? value.map((one, index) => reader(one, below(at, index)))
      : wrong(at);
}

/** One of these names. What a later server says besides is read as "unknown". */
export function oneOf<T extends string>(names: readonly T[]): Read<T | "unknown"> {
  return (value, at) => names.find((name) => name === value) ?? unknown(value, at);
}

/** A reader for each field, `optional` for those and only those that may be absent. */
type Shape<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K>
    ? Read<NonNullable<T[K]> | undefined>
    : Read<T[K]>;
};

/** Fields that are not known yet are passed over. */
export function shaped<T extends object>(shape: Shape<T>): Read<T> {
  const readers = Object.entries(shape) as [string, Read<unknown>][];
  return (value, at) => {
    const fields = fieldsOf(value, at);
    const known: Record<string, unknown> = {};
    for (const [name, reader] of readers) {
      const one = reader(fields[name], below(at, name));
      if (one !== undefined) {
        known[name] = one;
      }
    }
    return known as T;
  };
}

type Tagged = { readonly type: string };
type Kind<T extends Tagged, K> = Omit<Extract<T, { readonly type: K }>, "type">;
type Kinds<T extends Tagged> = {
  readonly [K in Exclude<T["type"], "unknown">]: Shape<Kind<T, K>>;
};

/** One of several kinds, told by its `type`. A kind that a later server has is "unknown". */
export function tagged<T extends Tagged>(kinds: Kinds<T>): Read<T> {
  const readers = new Map(
    Object.entries<Shape<object>>(kinds).map(([kind, shape]) => [kind, shaped(shape)]),
  );
  return (value, at) => {
    const type = fieldsOf(value, at)["type"];
    const reader = typeof type === "string" ? readers.get(type) : undefined;
    const known = reader === undefined ? unknown(type, below(at, "type")) : type;
    return { type: known, ...reader?.(value, at) } as unknown as T;
  };
}

function unknown(name: unknown, at: string): "unknown" {
  return typeof name === "string" ? "unknown" : wrong(at);
}

export function fieldsOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : wrong(at);
}

export function below(at: string, name: string | number): string {
  return at === "" ? String(name) : `${at}.${name}`;
}
