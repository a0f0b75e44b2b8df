// The school's ground rules, beside the Join that accepts them (SCR-15).

import { useApp } from "../app";
import { useText } from "../text/context";
import type { TextKey } from "../text/text";
import { GROUND_RULES } from "../wire/limits";

/** What Join is described by, where they are shown. */
const ID = "ground-rules";

/** What describes Join: the ground rules, where they are to be accepted by it, and `others`. */
export function useJoinDescribed(...others: readonly string[]): string | undefined {
  const { view } = useApp().state.value;
  const all = view?.rules === undefined ? others : [...others, ID];
  return all.length === 0 ? undefined : all.join(" ");
}

type Props = { readonly agree?: TextKey };

/** What is agreed to by pressing what `agree` names: Join, where it says nothing. */
export function GroundRules({ agree = "rules_agree" }: Props) {
  const text = useText();
  const { view } = useApp().state.value;
  if (view?.rules === undefined) {
    return null;
  }
  if (view.rules !== GROUND_RULES) {
    // Newer ones than this page has: Join loads the page that has them.
    return agree !== "rules_agree" ? null : (
      <p class="ground-rules" id={ID}>
        {text("rules_newer")}
      </p>
    );
  }
  return (
    <div class="ground-rules" id={ID}>
      <p>{text(agree)}</p>
      <ul class="points">
        <li>{text("rules_recording")}</li>
        <li>{text("rules_room")}</li>
        <li>{text("rules_others")}</li>
      </ul>
    </div>
  );
}
