// How the pictures of a call are laid out: as it suits the screen, or as the person likes it.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import { layoutPreference } from "../storage/preferences";
import { useText } from "../text/context";
import { FullScreen, OwnWindow } from "./full-screen";

const layout = layoutPreference();

/** A telephone that is held upright: two pictures of one size would both be small there. */
const TELEPHONE = "(orientation: portrait) and (max-width: 47.99rem)";

/** With more the rows are so low that nothing fits into a corner of them. */
const MOST = 3;

/** Whether the own picture is small, in the corner of the others', in a call of so many people. */
export function useOwnInCorner(people: number): boolean {
  const isTelephone = useSignal(matchMedia(TELEPHONE).matches);
  useEffect(() => {
    const query = matchMedia(TELEPHONE);
    const changed = () => {
      isTelephone.value = query.matches;
    };
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [isTelephone]);
  return (
    layout.value === "corner" || (layout.value === "auto" && isTelephone.value && people <= MOST)
  );
}

const CHOICES = [
  { value: "grid", label: "settings_layout_grid" },
  { value: "corner", label: "settings_layout_corner" },
] as const;

export function LayoutChoice({ onDone }: { readonly onDone: () => void }) {
  const text = useText();
  const { phase } = useApp().state.value;
  const inCorner = useOwnInCorner(phase.type === "call" ? phase.people.length : 0);
  return (
    <fieldset>
      <legend>{text("settings_layout_title")}</legend>
      {CHOICES.map(({ value, label }) => (
        <label key={value} class="check">
          <input
            type="radio"
            name="layout"
            checked={inCorner === (value === "corner")}
            onChange={() => {
              layout.value = value;
            }}
          />
          <span>{text(label)}</span>
        </label>
      ))}
      <div class="actions">
        <FullScreen of={() => document.documentElement} onDone={onDone} />
        <OwnWindow onDone={onDone} />
      </div>
    </fieldset>
  );
}
