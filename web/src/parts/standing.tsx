// Whoever waits for an appointment reads their place in line, and says that they are here (WAIT-5).

import { useApp } from "../app";
import { type Link, sayHere } from "../http/links";
import { useText } from "../text/context";
import type { Expected } from "../wire/messages";
import { Refused } from "./refused";
import { useSay } from "./say";

type Props = { readonly link: Link; readonly expected: Expected };

export function Standing({ link, expected }: Props) {
  const { lookAgain } = useApp();
  const text = useText();
  const { before = 0, is_here: isHere = false, meeting, school } = expected;
  const { busy, failed, run } = useSay();
  if (school === "there") {
    return null;
  }
  return (
    <div class="standing">
      <p>{before === 0 ? text("standing_next") : text("standing_before", { count: before })}</p>
      <p>
        <button
          type="button"
          class="secondary"
          aria-pressed={isHere}
          aria-disabled={busy}
          onClick={() => void run(() => sayHere(link, meeting, !isHere), lookAgain)}
        >
          {text("standing_here")}
        </button>
      </p>
      <p role="status" class="hint">
        {isHere ? text("standing_is_here") : ""}
      </p>
      <Refused failed={failed} />
    </div>
  );
}
