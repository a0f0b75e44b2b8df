// Between two appointments, for the moment that it takes to get from one to the next.

import { useApp } from "../app";
import { useNames } from "../parts/names";
import { Page } from "../parts/page";

export function GoingOnPage() {
  const { report, state, text } = useApp();
  const names = useNames();
  const { goesOn, view } = state.value;
  const next = view?.appointments.find(({ meeting }) => meeting === goesOn);
  return (
    <Page state="joining" name="going-on" heading={text("goes_on_title")} dark>
      <div class="stage">
        {next !== undefined && (
          <p class="alone">
            {text("goes_on_text", { teachers: names(next.teachers), student: next.student })}
          </p>
        )}
      </div>
      <div class="controls">
        <button type="button" class="control" onClick={() => report({ type: "cancelled" })}>
          {text("goes_on_stay")}
        </button>
      </div>
    </Page>
  );
}
