// A teacher cannot come: somebody else takes their appointments of one evening (EVE-13).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { SelectField } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import type { EveningPerson, Replaced } from "../wire/messages";
import { useOffice } from "./office";

type Props = {
  readonly evening: string;
  readonly teacher: EveningPerson;
  /** Who cannot come either. */
  readonly away: readonly string[];
  readonly reload: () => Promise<void>;
};

export function CannotCome(props: Props) {
  const text = useText();
  const asking = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="secondary"
        onClick={() => {
          asking.value = true;
        }}
      >
        {text("cannot_come")}
        <span class="visually-hidden"> {props.teacher.name}</span>
      </button>
      {asking.value && (
        <Ask
          {...props}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </>
  );
}

function Ask({
  evening,
  teacher,
  away,
  reload,
  onClose,
}: Props & { readonly onClose: () => void }) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const teachers = useResource(() => api.teachers(), [api]);
  const chosen = useSignal("");
  const { id, name, appointments: count } = teacher;
  const act = useAct(() => api.replaceTeacher(evening, id, chosen.value));
  const others = (teachers.value?.teachers ?? []).filter(
    (one) => one.id !== id && !away.includes(one.id),
  );
  const instead = others.find((one) => one.id === chosen.value)?.name ?? "";
  return (
    <Confirm
      title={text("cannot_come_title", { name })}
      action={text(instead === "" ? "cannot_come_give_back" : "cannot_come_replace")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() =>
        void act.run(async (replaced) => {
          onClose();
          replace(
            `evenings/${encodeURIComponent(evening)}/people`,
            outcome(replaced, { name, instead }, text),
          );
          await reload();
        })
      }
    >
      <p>{text("cannot_come_text", { name, count })}</p>
      <SelectField
        form={{
          values: { instead: chosen.value },
          set: (_, one) => {
            chosen.value = one;
          },
        }}
        name="instead"
        label={text("cannot_come_instead")}
        choices={[
          { value: "", label: text("cannot_come_nobody") },
          ...others.map((one) => ({ value: one.id, label: one.name })),
        ]}
      />
    </Confirm>
  );
}

type Who = { readonly name: string; readonly instead: string };

/** What has become of the appointments, in sentences. */
function outcome({ given, cancelled, asked }: Replaced, { name, instead }: Who, text: Text) {
  const said = [
    instead === ""
      ? text("cannot_come_done", { name })
      : text("cannot_come_done_instead", { name, instead }),
    ...(given > 0 ? [text("cannot_come_given", { count: given, instead })] : []),
    ...(cancelled > 0 ? [text("cannot_come_cancelled", { count: cancelled })] : []),
    ...(asked > 0 ? [text("cannot_come_asked", { count: asked })] : []),
  ];
  return said.join(" ");
}
