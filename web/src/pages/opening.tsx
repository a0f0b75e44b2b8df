// While the link is being looked up.

import { useApp } from "../app";
import { useSecondsUntil } from "../parts/join-notice";
import { Page } from "../parts/page";
import type { Phase } from "../session/state";

export function OpeningPage({ phase }: { readonly phase: Extract<Phase, { type: "opening" }> }) {
  const { report, text } = useApp();
  const { trouble, until } = phase;
  const seconds = useSecondsUntil(until);
  return (
    <Page state="loading" heading={text("opening_title")}>
      {trouble === null ? (
        <p>{text("opening_text")}</p>
      ) : (
        <>
          <p role="status">{text(`opening_${trouble}`)}</p>
          {seconds > 0 && <p class="hint">{text("opening_again", { seconds })}</p>}
          {trouble !== "too_many" && (
            <p>
              <button type="button" class="secondary" onClick={() => report({ type: "came_back" })}>
                {text("try_again")}
              </button>
            </p>
          )}
        </>
      )}
    </Page>
  );
}
