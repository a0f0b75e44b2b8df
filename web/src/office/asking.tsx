// Until it is known who is signed in, and why it is not.

import { Page } from "../parts/page";
import { useText } from "../text/context";
import { wordsOf } from "../text/refusals";
import type { Problem } from "../wire/messages";
import { useOffice } from "./office";

export function Asking({ trouble }: { readonly trouble: Problem | "unreachable" | null }) {
  const { askAgain } = useOffice();
  const text = useText();
  return (
    <Page state="loading" heading={text("office_title")}>
      {trouble === null ? (
        <p class="hint">{text("loading")}</p>
      ) : (
        <div class="note warning" role="status">
          <p>{trouble === "unreachable" ? text("refusal_unreachable") : wordsOf(trouble, text)}</p>
          <p>{text("office_keeps_trying")}</p>
          <button type="button" class="secondary" onClick={askAgain}>
            {text("try_again")}
          </button>
        </div>
      )}
    </Page>
  );
}
