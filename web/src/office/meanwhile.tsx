// Two people at one form: whoever saves later reads what the other changed, and decides.

import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import type { Answer } from "../http/ask";
import { useText } from "../text/context";
import type { Text, TextKey } from "../text/text";

/** What was changed by somebody else since the form was opened. */
export type Meanwhile = {
  /** What is another now, by its label. */
  readonly changed: readonly string[];
  /** The version to save over. */
  readonly version: string | undefined;
};

/** A version as a draft carries it. */
export function of(version: string | undefined): { readonly version?: string } {
  return version === undefined ? {} : { version };
}

/** The label of something, what it was and what it is now: what differs, in words. */
export function differences(
  text: Text,
  all: readonly (readonly [label: TextKey, before: string, now: string])[],
): readonly string[] {
  return all
    .filter(([, before, now]) => before !== now)
    .map(([label, , now]) =>
      text(now === "" ? "meanwhile_emptied" : "meanwhile_changed", { label: text(label), now }),
    );
}

/** The label of whom of the staff is chosen, and their names now, where those are others. */
export function otherPeople(
  text: Text,
  [label, before, now]: readonly [
    label: TextKey,
    before: readonly string[],
    now: readonly string[],
  ],
  named: (ids: readonly string[]) => string,
): readonly string[] {
  const same = before.length === now.length && before.every((id) => now.includes(id));
  const names = named(now);
  return same
    ? []
    : [
        text(names === "" ? "meanwhile_emptied" : "meanwhile_changed", {
          label: text(label),
          now: names,
        }),
      ];
}

/** One of all that were asked for. */
export async function oneOf<T, P extends { readonly id: string }>(
  asked: Promise<Answer<T>>,
  all: (answer: T) => readonly P[],
  id: string,
): Promise<Answer<P>> {
  const answer = await asked;
  if (answer.type !== "given") {
    return answer;
  }
  const found = all(answer.body).find((one) => one.id === id);
  return found === undefined ? { type: "unreachable" } : { type: "given", body: found };
}

type Use<T> = {
  /** The version that the form began with. */
  readonly version: string | undefined;
  readonly save: (version: string | undefined) => Promise<Answer<T>>;
  /** What is there now. */
  readonly load: () => Promise<Answer<T>>;
  readonly compare: (now: T) => Meanwhile;
};

/** Saves what nobody changed meanwhile; else `meanwhile` says what they did. */
export function useMeanwhile(): {
  readonly meanwhile: Signal<Meanwhile | null>;
  readonly save: <T>(use: Use<T>) => Promise<Answer<T>>;
} {
  const meanwhile = useSignal<Meanwhile | null>(null);
  return {
    meanwhile,
    save: async ({ version, save, load, compare }) => {
      const answer = await save(meanwhile.value === null ? version : meanwhile.value.version);
      if (answer.type === "given") {
        meanwhile.value = null;
      }
      if (answer.type !== "refused" || answer.problem.code !== "changed_meanwhile") {
        return answer;
      }
      const now = await load();
      if (now.type === "given") {
        meanwhile.value = compare(now.body);
      }
      return answer;
    },
  };
}

/** Saving once more is their decision. */
export function MeanwhileNote({ meanwhile }: { readonly meanwhile: Meanwhile | null }) {
  const text = useText();
  return meanwhile === null ? null : (
    <div class="note">
      <p>{text("meanwhile_text")}</p>
      <ul class="points">
        {meanwhile.changed.map((label) => (
          <li key={label}>{label}</li>
        ))}
      </ul>
      <p>
        <a href={location.href} target="_blank" rel="noopener noreferrer">
          {text("meanwhile_look")}
        </a>
      </p>
    </div>
  );
}
