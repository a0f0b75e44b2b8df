// Who manages one evening, beside the office (OPS-7).

import { useSignal } from "@preact/signals";
import { useAct } from "../parts/act";
import { Checkboxes } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { useNames } from "../parts/names";
import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { EveningManagers, Member } from "../wire/messages";
import { useOffice } from "./office";

export function Managers({ id }: { readonly id: string }) {
  const { api } = useOffice();
  const text = useText();
  const names = useNames();
  const managers = useResource(() => api.managers(id), [id]);
  const staff = useResource(() => api.members(), [api]);
  const asking = useSignal(false);
  return (
    <section class="section" aria-labelledby="managers">
      <h2 id="managers">{text("managers_title")}</h2>
      <p>{text("managers_text")}</p>
      <Loaded of={managers}>
        {({ members: chosen }) => (
          <Loaded of={staff}>
            {({ members: all }) => (
              <>
                <p>{named(all, chosen, names, text("managers_none"))}</p>
                <button
                  type="button"
                  class="secondary"
                  onClick={() => {
                    asking.value = true;
                  }}
                >
                  {text("managers_choose")}
                </button>
                {asking.value && (
                  <Choose
                    id={id}
                    all={all}
                    before={chosen}
                    onClose={() => {
                      asking.value = false;
                    }}
                    onChosen={(now) => {
                      managers.set(now);
                      asking.value = false;
                    }}
                  />
                )}
              </>
            )}
          </Loaded>
        )}
      </Loaded>
    </section>
  );
}

function named(
  all: readonly Member[],
  chosen: readonly string[],
  names: (names: readonly string[]) => string,
  none: string,
): string {
  const theirs = all.filter(({ id }) => chosen.includes(id)).map(({ name }) => name);
  return theirs.length === 0 ? none : names(theirs);
}

type ChooseProps = {
  readonly id: string;
  readonly all: readonly Member[];
  readonly before: readonly string[];
  readonly onClose: () => void;
  readonly onChosen: (now: EveningManagers) => void;
};

function Choose({ id, all, before, onClose, onChosen }: ChooseProps) {
  const { api } = useOffice();
  const text = useText();
  const chosen = useSignal(before);
  const act = useAct(() => api.setManagers(id, chosen.value));
  return (
    <Confirm
      title={text("managers_choose")}
      action={text("managers_save")}
      busy={act.busy}
      problem={act.problem}
      harmless
      onClose={onClose}
      onConfirm={() => void act.run(onChosen)}
    >
      <Checkboxes
        name="managers"
        legend={text("members_title")}
        choices={all.map(({ id: value, name, email }) => ({ value, label: name, hint: email }))}
        chosen={chosen.value}
        onChange={(now) => {
          chosen.value = now;
        }}
      />
    </Confirm>
  );
}
