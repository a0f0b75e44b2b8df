// How a text is put together that was read before: nothing here knows how texts are written.

/**
 * Words as they stand; the number that chose among them; or what is put in: as it is, as a number is written, or
 * one of several, by what it counts.
 */
export type Piece =
  | string
  | 0
  | readonly [name: string]
  | readonly [name: string, options: Options | null];
type Options = Readonly<Record<string, readonly Piece[]>>;

/** A text: words alone, or read. */
export type Words = string | readonly Piece[];
export type Values = Readonly<Record<string, string | number>>;

/** The text in its language, `tag`, with `values` put in. */
export function format(words: readonly Piece[], values: Values, tag: string, count = 0): string {
  const number = (value: unknown) => new Intl.NumberFormat(tag).format(Number(value));
  const piece = (one: Piece): string => {
    if (typeof one === "string") {
      return one;
    }
    if (one === 0) {
      return number(count);
    }
    const [name, options] = one;
    const value = values[name] ?? "";
    if (options === undefined) {
      return String(value);
    }
    return options === null ? number(value) : counted(options, Number(value));
  };
  const counted = (options: Options, many: number) => {
    const { other = [] } = options;
    const chosen = options[`=${many}`] ?? options[new Intl.PluralRules(tag).select(many)];
    return format(chosen ?? other, values, tag, many);
  };
  return words.map(piece).join("");
}
