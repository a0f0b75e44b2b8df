// Who manages one evening, beside the office (OPS-7).

import { useSignal } from "@preact/signals";
import { useAct } from "../parts/act";
import { Checkboxes } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { EveningManagers, Member } from "../wire/messages";
import { MeanwhileNote, of, otherPeople, useMeanwhile } from "./meanwhile";
import { useOffice } from "./office";
import { useNamed } from "./places";

export function Managers({ id }: { readonly id: string }) {
  const { api } = useOffice();
  const text = useText();
  const managers = useResource(() => api.managers(id), [id]);
  const staff = useResource(() => api.members(), [api]);
  const asking = useSignal(false);
  return (
    <section class="section" aria-labelledby="managers">
      <h2 id="managers">{text("managers_title")}</h2>
      <p>{text("managers_text")}</p>
      <Loaded of={managers}>
        {(given) => (
          <Loaded of={staff}>
            {({ members: all }) => (
              <>
                <Named all={all} chosen={given.members} />
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
                    before={given}
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

type NamedProps = { readonly all: readonly Member[]; readonly chosen: readonly string[] };

function Named({ all, chosen }: NamedProps) {
  const text = useText();
  const theirs = useNamed(all)(chosen);
  return <p>{theirs === "" ? text("managers_none") : theirs}</p>;
}

type ChooseProps = {
  readonly id: string;
  readonly all: readonly Member[];
  readonly before: EveningManagers;
  readonly onClose: () => void;
  readonly onChosen: (now: EveningManagers) => void;
};

function Choose({ id, all, before, onClose, onChosen }: ChooseProps) {
  const { api } = useOffice();
  const text = useText();
  const chosen = useSignal<readonly string[]>(before.members);
  const named = useNamed(all);
  const { meanwhile, save } = useMeanwhile();
  const act = useAct(() =>
    save({
      version: before.version,
      save: (version) => api.setManagers(id, { members: [...chosen.value], ...of(version) }),
      load: () => api.managers(id),
      compare: (now) => ({
        changed: otherPeople(text, ["managers_title", before.members, now.members], named),
        version: now.version,
      }),
    }),
  );
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
      <MeanwhileNote meanwhile={meanwhile.value} />
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
