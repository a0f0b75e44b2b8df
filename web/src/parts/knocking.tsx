// Who knocks at a kept door, and the answers of those who may let them in (ROOM-3).

import { useApp } from "../app";
import type { CallPhase } from "../session/state";
import type { Knocker } from "../wire/messages";

/** Above the tiles, so that nobody stands before the door unseen. */
export function KnockBanner({ phase }: { readonly phase: CallPhase }) {
  const { text } = useApp();
  const { knocking } = phase;
  const [first] = knocking;
  if (first === undefined) {
    return null;
  }
  return (
    <section class="banner knocking" aria-label={text("knock_title")}>
      {knocking.length === 1 ? (
        <p>{text("said_knocks", { name: first.name })}</p>
      ) : (
        <p>{text("knock_count", { count: knocking.length })}</p>
      )}
      <Answers knocking={knocking} />
    </section>
  );
}

/** Each of them, and all at once. */
export function Answers({ knocking }: { readonly knocking: readonly Knocker[] }) {
  const { report, text } = useApp();
  const answer = (type: "let_in" | "turn_away", whom: readonly Knocker[]) => () => {
    const participants = whom.map(({ participant }) => participant);
    report({ type: "asked", message: { type, participants } });
  };
  return (
    <ul class="answers">
      {knocking.map((one) => (
        <li key={one.participant}>
          <button type="button" class="primary" onClick={answer("let_in", [one])}>
            {text("knock_let_in", { name: one.name })}
          </button>
          <button type="button" class="secondary" onClick={answer("turn_away", [one])}>
            {text("knock_turn_away", { name: one.name })}
          </button>
        </li>
      ))}
      {knocking.length > 1 && (
        <li>
          <button type="button" class="primary" onClick={answer("let_in", knocking)}>
            {text("knock_let_all_in")}
          </button>
          <button type="button" class="secondary" onClick={answer("turn_away", knocking)}>
            {text("knock_turn_all_away")}
          </button>
        </li>
      )}
    </ul>
  );
}
