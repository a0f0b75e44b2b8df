// A teacher cannot come: somebody else takes their appointments of one evening (EVE-13). They may come after all.

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

/** Chosen for nobody: the times go back to the families. */
const NOBODY = "nobody";

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
  const missing = useSignal(false);
  const { id, name, appointments: count } = teacher;
  const isNobody = chosen.value === NOBODY;
  const act = useAct(() => api.replaceTeacher(evening, id, isNobody ? "" : chosen.value));
  const others = (teachers.value?.teachers ?? []).filter(
    (one) => one.id !== id && !away.includes(one.id),
  );
  const instead = others.find((one) => one.id === chosen.value)?.name ?? "";
  const confirm = () => {
    missing.value = chosen.value === "";
    if (missing.value) {
      return;
    }
    void act.run(async (replaced) => {
      onClose();
      replace(
        `evenings/${encodeURIComponent(evening)}/people`,
        outcome(replaced, { name, instead }, text),
      );
      await reload();
    });
  };
  return (
    <Confirm
      title={text("cannot_come_title", { name })}
      action={text(isNobody ? "cannot_come_give_back" : "cannot_come_replace")}
      busy={act.busy}
      problem={missing.value ? text("cannot_come_missing") : act.problem}
      onClose={onClose}
      onConfirm={confirm}
    >
      <p>{text("cannot_come_text", { name, count })}</p>
      <SelectField
        form={{
          values: { instead: chosen.value },
          set: (_, one) => {
            chosen.value = one;
            missing.value = false;
          },
        }}
        name="instead"
        label={text("cannot_come_instead")}
        choices={[
          { value: "", label: text("cannot_come_choose") },
          ...others.map((one) => ({ value: one.id, label: one.name })),
          { value: NOBODY, label: text("cannot_come_nobody") },
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

type AwayProps = Omit<Props, "teacher">;

/** Who cannot come to an evening: they may come after all. */
export function Away({ evening, away, reload }: AwayProps) {
  const { api } = useOffice();
  const text = useText();
  const teachers = useResource(() => api.teachers(), [api]);
  const gone = (teachers.value?.teachers ?? []).filter(({ id }) => away.includes(id));
  if (gone.length === 0) {
    return null;
  }
  return (
    <section class="section" aria-labelledby="away">
      <h2 id="away">{text("away_title")}</h2>
      <ul class="list">
        {gone.map(({ id, name }) => (
          <ComesAfterAll key={id} evening={evening} id={id} name={name} reload={reload} />
        ))}
      </ul>
    </section>
  );
}

type BackProps = Omit<AwayProps, "away"> & { readonly id: string; readonly name: string };

function ComesAfterAll({ evening, id, name, reload }: BackProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(() => api.replaceTeacher(evening, id, id));
  return (
    <li>
      <h3>{name}</h3>
      <div class="actions">
        <button
          type="button"
          class="secondary"
          onClick={() => {
            asking.value = true;
          }}
        >
          {text("away_back")}
          <span class="visually-hidden"> {name}</span>
        </button>
      </div>
      {asking.value && (
        <Confirm
          title={text("away_back_title", { name })}
          action={text("away_back_action")}
          busy={act.busy}
          problem={act.problem}
          harmless
          onClose={() => {
            asking.value = false;
          }}
          onConfirm={() =>
            void act.run(async ({ given, asked }) => {
              asking.value = false;
              const said = [
                text("away_back_done", { name }),
                ...(given > 0 ? [text("cannot_come_given", { count: given, instead: name })] : []),
                ...(asked > 0 ? [text("cannot_come_asked", { count: asked })] : []),
              ];
              replace(`evenings/${encodeURIComponent(evening)}/people`, said.join(" "));
              await reload();
            })
          }
        >
          <p>{text("away_back_text", { name })}</p>
        </Confirm>
      )}
    </li>
  );
}
