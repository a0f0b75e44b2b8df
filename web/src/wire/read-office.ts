// Readers that the office's page alone needs.

import { below, fieldsOf, type Read, text, wrong } from "./read";

/** An address that a page may lead to: never a script. */
export const webAddress: Read<string> = (value, at) => {
  const address = text(value, at);
  return /^https?:\/\//.test(address) ? address : wrong(at);
};

export function recordOf<T>(reader: Read<T>): Read<Record<string, T>> {
  return (value, at) =>
    Object.fromEntries(
      Object.entries(fieldsOf(value, at)).map(([key, one]) => [key, reader(one, below(at, key))]),
    );
}
