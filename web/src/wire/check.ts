// What checks of answers are put together from. Whatever comes from outside has bounds: a text or a
// list beyond them is no answer of ours.

export type Fields = Readonly<Record<string, unknown>>;
export type Check<T> = (value: unknown) => value is T;

/** More than any note, any wording and any name has. */
const TEXT_MAX = 20_000;
/** More than the rows of the largest file that can be imported. */
const LIST_MAX = 400_000;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

export function isText(value: unknown): value is string {
  return isString(value) && value.length <= TEXT_MAX;
}

/** A moment, which a page formats: one that is none would throw there (RFC 3339). */
export function isInstant(value: unknown): value is string {
  return (
    isString(value) &&
    /^\d{4}-\d\d-\d\dT[\d:.]{5,18}(?:Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

/** An address that a page may lead to: never a script. */
export function isWebAddress(value: unknown): value is string {
  return isText(value) && /^https?:\/\//.test(value);
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

export function isListOf<T>(value: unknown, check: Check<T>): value is T[] {
  return Array.isArray(value) && value.length <= LIST_MAX && value.every(check);
}

export function isOptional<T>(value: unknown, check: Check<T>): value is T | undefined {
  return value === undefined || check(value);
}

/** Names every member, so that a new one in the protocol does not compile until it is here. */
export function oneOf<T extends string>(members: Readonly<Record<T, true>>): Check<T> {
  return (value): value is T => isString(value) && Object.hasOwn(members, value);
}

export function listOf<T>(check: Check<T>): Check<T[]> {
  return (value): value is T[] => isListOf(value, check);
}

type Optional<T> = { readonly optional: Check<T> };

export function optional<T>(check: Check<T>): Optional<T> {
  return { optional: check };
}

/** A check for each field, and `optional` for those and only those that may be absent. */
type Shape<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? Optional<NonNullable<T[K]>> : Check<T[K]>;
};

/** Fields that are not known yet are passed over. */
export function shaped<T extends object>(shape: Shape<T>): Check<T> {
  const checks = Object.entries(shape) as [string, Check<unknown> | Optional<unknown>][];
  return (value): value is T =>
    isFields(value) &&
    checks.every(([name, check]) =>
      typeof check === "function" ? check(value[name]) : isOptional(value[name], check.optional),
    );
}

/** Of an answer whose body nobody reads. */
export function isAnything(_value: unknown): _value is unknown {
  return true;
}
