// What parents say of themselves otherwise than the school's records: the office says which is kept
// (DIR-12).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { BusyButton } from "../parts/form";
import { useNames } from "../parts/names";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import { LONGEST_NOTE } from "../wire/limits";
import type { ChangedDetail } from "../wire/messages";
import { Trouble } from "./evening";
import { useOffice } from "./office";
import { useOwnTimes } from "./own-times";

const TEXTS = {
  telephone: {
    own: "changed_telephone_own",
    accept: "changed_telephone_accept",
    keep: "changed_telephone_keep",
    done: "changed_telephone_done",
  },
  email: {
    own: "changed_email_own",
    accept: "changed_email_accept",
    keep: "changed_email_keep",
    done: "changed_email_done",
  },
  name: {
    own: "changed_name_own",
    accept: "changed_name_accept",
    keep: "changed_name_keep",
    done: "changed_name_done",
  },
} as const;

/** One that this page knows: the server may be newer. */
type Known = ChangedDetail & { readonly what: keyof typeof TEXTS };

const isKnown = (one: ChangedDetail): one is Known => one.what in TEXTS;

type ListProps = {
  readonly details: readonly ChangedDetail[];
  readonly reload: () => Promise<void>;
};

export function ChangedDetails({ details, reload }: ListProps) {
  const text = useText();
  const known = details.filter(isKnown);
  const has = (what: Known["what"]) => known.some((it) => it.what === what);
  return (
    <section class="section" aria-labelledby="changed">
      <h2 id="changed">{text("changed_title")}</h2>
      <p>{text("changed_text")}</p>
      {has("telephone") && <p>{text("changed_text_telephone")}</p>}
      {has("email") && <p>{text("changed_text_email")}</p>}
      {has("name") && <p>{text("changed_text_name")}</p>}
      <ul class="list">
        {known.map((one) => (
          <Item key={`${one.what} ${one.contact} ${one.student ?? ""}`} one={one} reload={reload} />
        ))}
      </ul>
    </section>
  );
}

type Props = { readonly one: Known; readonly reload: () => Promise<void> };

function Item({ one, reload }: Props) {
  const { what, contact, name, students, student, own, school, since } = one;
  const { api } = useOffice();
  const text = useText();
  const names = useNames();
  const times = useOwnTimes();
  const { replace } = useNavigation();
  const word = useSignal("");
  const asking = useSignal(false);
  const shown = { what, own, school, ...(student === undefined ? {} : { student }) };
  const accept = useAct(() => api.decideDetail(contact, { ...shown, keep: "own", word: "" }));
  const keep = useAct(() =>
    api.decideDetail(contact, { ...shown, keep: "school", word: word.value }),
  );
  const heading = `${what}-${contact}-${student ?? ""}`;
  const texts = TEXTS[what];
  const done = (kept: string) => async () => {
    replace("approvals", text(texts.done, { name, kept }));
    await reload();
  };
  return (
    <li>
      <h3 id={heading}>{name}</h3>
      {students.length > 0 && (
        <p>{text("changed_students", { count: students.length, students: names(students) })}</p>
      )}
      <p>
        {student === undefined
          ? text(texts.own, { own, when: times.stamp(since) })
          : text("changed_name_student", { student: school, own, when: times.stamp(since) })}
      </p>
      <p>{text("changed_school", { school })}</p>
      <div class="actions">
        <BusyButton
          kind="primary"
          busy={accept.busy}
          describedBy={heading}
          onPress={() => void accept.run(done(own))}
        >
          {text(texts.accept)}
        </BusyButton>
        <BusyButton
          kind="secondary"
          busy={keep.busy}
          describedBy={heading}
          onPress={() => {
            if (what === "name") {
              asking.value = true;
            } else {
              void keep.run(done(school));
            }
          }}
        >
          {text(texts.keep)}
        </BusyButton>
      </div>
      <Trouble problem={accept.problem ?? (asking.value ? null : keep.problem)} />
      {asking.value && (
        <Confirm
          title={text("changed_name_keep_title", { school })}
          action={text("changed_name_keep")}
          busy={keep.busy}
          problem={keep.problem}
          onClose={() => {
            asking.value = false;
          }}
          onConfirm={() =>
            void keep.run(async () => {
              asking.value = false;
              await done(school)();
            })
          }
        >
          <TextField
            form={{ values: { word: word.value }, set: (_, typed) => (word.value = typed) }}
            name="word"
            label={text("changed_name_word", { name })}
            hint={text("changed_name_word_hint")}
            lines={2}
            maxLength={LONGEST_NOTE}
          />
        </Confirm>
      )}
    </li>
  );
}
