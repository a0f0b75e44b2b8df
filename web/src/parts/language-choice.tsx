// The language of the page, chosen by the reader: each by its own name, in its own letters.

import { useId } from "preact/hooks";
import { useLanguages } from "../text/context";

export function LanguageChoice() {
  const { all, choose, current } = useLanguages();
  const id = useId();
  const { tag, text } = current.value;
  if (all.length < 2) {
    return null;
  }
  return (
    <div class="language">
      <label for={id} class="visually-hidden">
        {text("language_label")}
      </label>
      <select
        id={id}
        value={tag}
        onChange={({ currentTarget }) => void choose(currentTarget.value, true)}
      >
        {all.map((one) => (
          <option key={one} value={one} lang={one} selected={one === tag}>
            {nameOf(one)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Its own name of itself, as a line begins with it. Chromium knows no Welsh. */
export function nameOf(tag: string): string {
  const name = tag === "cy" ? "cymraeg" : new Intl.DisplayNames(tag, { type: "language" }).of(tag);
  return (name ?? tag).replace(/./, (first) => first.toUpperCase());
}
