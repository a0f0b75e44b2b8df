// Searching by name.

import { useSignal } from "@preact/signals";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";

type Props = { readonly label: string; readonly onSearch: (words: string) => void };

export function Search({ label, onSearch }: Props) {
  const text = useText();
  const words = useSignal("");
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
          name="search"
          label={label}
          value={words.value}
          onChange={(value) => {
            words.value = value;
          }}
        />
        <button type="submit" class="secondary">
          {text("students_search_action")}
        </button>
      </form>
    </search>
  );
}
