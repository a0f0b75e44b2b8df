// In place of a part of the page that has not come yet.

import { useText } from "../text/context";
import { type Later, useNow } from "./later";
import { Page } from "./page";

export function NotHereYet({ part }: { readonly part: Later<unknown> }) {
  const text = useText();
  useNow(part);
  const isLost = part.isLost.value;
  return (
    <Page state="loading" heading={text("opening_title")}>
      <p role="status">{text(isLost ? "page_part_lost" : "loading")}</p>
      {isLost && (
        <button type="button" class="secondary" onClick={() => location.reload()}>
          {text("over_reload")}
        </button>
      )}
    </Page>
  );
}
