// Searching by name.

import { useSignal } from "@preact/signals";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";

type Props = { readonly label: string; readonly onSearch: (words: string) => void };

export function Search({ label, onSearch }: Props) {
  const text = useText();
  const words = useSignal("");
  const set = (typed: string) => {
    words.value = typed;
  };
  return (
    <search>
      <form
        class="search"
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(words.value.trim());
        }}
      >
        <TextField
          form={{ values: { search: words.value }, set: (_, typed) => set(typed) }}
          name="search"
          label={label}
        />
        <button type="submit" class="secondary">
          {text("students_search_action")}
        </button>
      </form>
    </search>
  );
}
