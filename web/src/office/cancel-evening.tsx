// Cancels an evening, after saying who will hear of it (EVE-13).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { useResource } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import { LONGEST_NOTE } from "../wire/limits";
import type { Evening, EveningPerson } from "../wire/messages";
import { useOffice } from "./office";

type Props = { readonly evening: Evening; readonly set: (evening: Evening) => void };

export function CancelEvening({ evening: { id, set: draft, ends }, set }: Props) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const asking = useSignal(false);
  const words = useSignal("");
  const act = useAct(() => api.cancelEvening(id, words.value.trim()));
  if (Date.parse(ends) <= Date.now()) {
    return null;
  }
  const close = () => {
    asking.value = false;
  };
  return (
    <p class="apart">
      <button
        type="button"
        class="secondary"
        onClick={() => {
          asking.value = true;
        }}
      >
        {text("evening_cancel")}
      </button>
      {asking.value && (
        <Confirm
          title={text("evening_cancel_title", { name: draft.name })}
          action={text("evening_cancel")}
          busy={act.busy}
          problem={act.problem}
          onClose={close}
          onConfirm={() =>
            void act.run((cancelled) => {
              close();
              set(cancelled);
              replace(`evenings/${encodeURIComponent(id)}`, text("evening_cancel_done"));
            })
          }
        >
          <p>{text("evening_cancel_text")}</p>
          <WhoHears id={id} />
          <TextField
            form={{
              values: { words: words.value },
              set: (_, typed) => {
                words.value = typed;
              },
            }}
            name="words"
            label={text("evening_cancel_words")}
            hint={text("evening_cancel_words_hint")}
            lines={3}
            maxLength={LONGEST_NOTE}
          />
        </Confirm>
      )}
    </p>
  );
}

/** How many will be told, before anything is. */
function WhoHears({ id }: { readonly id: string }) {
  const { api } = useOffice();
  const text = useText();
  const people = useResource(() => api.people(id), [id]);
  if (people.value === null) {
    return null;
  }
  const { parents, teachers } = people.value;
  const families = parents.filter((one) => isWritten(one) || hasAppointments(one));
  const staff = teachers.filter(isWritten);
  const written = [...families, ...staff].filter(({ email }) => email !== "");
  const busy = [...parents, ...teachers].filter(hasAppointments);
  const without = busy.filter((one) => !written.includes(one));
  return (
    <>
      <p>
        {text("evening_cancel_families", { count: families.length - addressless(families) })}{" "}
        {text("evening_cancel_teachers", { count: staff.length - addressless(staff) })}
      </p>
      {without.length > 0 && (
        <p>
          {text("evening_cancel_without", { names: without.map(({ name }) => name).join(", ") })}
        </p>
      )}
    </>
  );
}

/** Whether they have had an e-mail about the evening: who has not, hears of its end by none. */
function isWritten({ mail }: EveningPerson): boolean {
  return mail !== undefined;
}

function hasAppointments({ appointments }: EveningPerson): boolean {
  return appointments > 0;
}

function addressless(people: readonly EveningPerson[]): number {
  return people.filter(({ email }) => email === "").length;
}
