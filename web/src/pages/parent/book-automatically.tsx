// The parent says whom to see and when they can come; the times are found without a clash.

import { useSignal } from "@preact/signals";
import { useReadersTimes } from "../../parts/appointment";
import { Checkboxes, SelectField } from "../../parts/choices";
import { EveningCaption, ZoneNote } from "../../parts/evening-caption";
import { FormView, useForm } from "../../parts/form";
import { GoTo } from "../../parts/go-to";
import { LinkPage } from "../../parts/link-page";
import { Done } from "../../parts/news";
import { useText } from "../../text/context";
import type { AutoBooked, StudentView, Wish } from "../../wire/messages";
import { InviteOffer } from "./invite-offer";
import { useParent } from "./parent";

/** The times offered for coming and going lie this far apart. */
const STEP_MS = 15 * 60_000;

export function BookAutomaticallyPage() {
  const text = useText();
  const { view } = useParent();
  const result = useSignal<AutoBooked | null>(null);
  const heading = result.value === null ? text("auto_title") : text("auto_result");
  return (
    <LinkPage name="book-automatically" heading={heading} back={result.value ? "" : "book"}>
      <EveningCaption evening={view.evening} />
      {result.value === null ? (
        <AutoForm
          onBooked={(booked) => {
            result.value = booked;
          }}
        />
      ) : (
        <Result result={result.value} />
      )}
    </LinkPage>
  );
}

function AutoForm({ onBooked }: { readonly onBooked: (booked: AutoBooked) => void }) {
  const text = useText();
  const { api, view, reload } = useParent();
  const { evening, students } = view;
  const times = useReadersTimes(evening.time_zone);
  const wishes = wishesOf(students);
  const steps = stepsBetween(evening.starts, evening.ends);
  const form = useForm({
    initial: {
      wishes: wishes.map(({ key }) => key) as readonly string[],
      from: evening.starts,
      until: evening.ends,
    },
    check: ({ wishes: chosen, from, until }) => ({
      ...(chosen.length === 0 ? { wishes: text("auto_none_chosen") } : {}),
      ...(from < until ? {} : { until: text("auto_until_before") }),
    }),
    send: ({ wishes: chosen, from, until }, attempt) =>
      api.bookAutomatically({
        attempt,
        wishes: wishes.filter(({ key }) => chosen.includes(key)).map(({ wish }) => wish),
        ...(from === evening.starts ? {} : { from }),
        ...(until === evening.ends ? {} : { until }),
      }),
    done: async (booked) => {
      await reload();
      onBooked(booked);
    },
  });
  const { values, set } = form;
  if (wishes.length === 0) {
    return <p>{text("book_all_done")}</p>;
  }
  const choices = steps.map((step) => ({ value: step, label: times.time(step) }));
  return (
    <FormView form={form} action={text("auto_action")}>
      <p>{text("auto_text")}</p>
      <Checkboxes
        name="wishes"
        legend={text("auto_wishes")}
        choices={wishes.map(({ key, label, hint }) => ({ value: key, label, hint }))}
        chosen={values.wishes}
        onChange={(chosen) => set("wishes", chosen)}
      />
      <ZoneNote evening={evening} />
      <div class="form-row">
        <SelectField
          form={form}
          name="from"
          label={text("auto_from")}
          choices={choices.slice(0, -1)}
        />
        <SelectField
          form={form}
          name="until"
          label={text("auto_until")}
          choices={choices.slice(1)}
        />
      </div>
    </FormView>
  );
}

function Result({ result: { booked, unmet } }: { readonly result: AutoBooked }) {
  const text = useText();
  const { view } = useParent();
  const times = useReadersTimes(view.evening.time_zone);
  const nameOf = ({ student, class: subject }: Wish) => {
    const found = view.students.find(({ id }) => id === student);
    const named = found?.classes.find(({ id }) => id === subject);
    return `${named?.subject ?? ""}, ${found?.name ?? ""}`;
  };
  return (
    <>
      {booked.length > 0 && (
        <>
          <Done heading={text("auto_booked", { count: booked.length })} />
          <ul class="list">
            {booked.map(({ appointment }) => (
              <li key={appointment.id}>
                <p class="when">{times.span(appointment.starts, appointment.ends)}</p>
                <p>
                  {appointment.subject}, {appointment.student}
                </p>
              </li>
            ))}
          </ul>
        </>
      )}
      {unmet.length > 0 && (
        <section class="note warning" aria-labelledby="unmet">
          <h2 id="unmet">{text("auto_unmet")}</h2>
          <ul>
            {unmet.map((wish) => (
              <li key={`${wish.student} ${wish.class}`}>
                {nameOf(wish)}: {wish.reason}
              </li>
            ))}
          </ul>
        </section>
      )}
      <InviteOffer />
      <p>
        <GoTo to="" class="button primary">
          {text("auto_to_bookings")}
        </GoTo>
      </p>
    </>
  );
}

type Wished = {
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  readonly wish: Wish;
};

/** What is not booked yet. */
export function wishesOf(students: readonly StudentView[]): readonly Wished[] {
  return students.flatMap((student) =>
    student.classes
      .filter(({ booked }) => booked === undefined)
      .map(({ id, subject, teachers }) => ({
        key: `${student.id} ${id}`,
        label: `${subject}, ${student.name}`,
        hint: teachers.join(", "),
        wish: { student: student.id, class: id },
      })),
  );
}

/** Instants from `starts` to `ends`, both among them. */
export function stepsBetween(starts: string, ends: string): readonly string[] {
  const last = Date.parse(ends);
  const steps = [starts];
  for (let at = Date.parse(starts) + STEP_MS; at < last; at += STEP_MS) {
    steps.push(new Date(at).toISOString().replace(".000Z", "Z"));
  }
  return [...steps, ends];
}
