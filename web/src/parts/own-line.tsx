// A line beside an appointment that those who take it alone read.

import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { type Link, noteForTeachers } from "../http/links";
import { useText } from "../text/context";
import { LONGEST_NOTE } from "../wire/limits";
import type { TeacherAppointment } from "../wire/messages";
import { Refused } from "./refused";
import { useSay } from "./say";

type Props = {
  readonly link: Link;
  readonly one: TeacherAppointment;
  /** Reads the list anew. */
  readonly onSaved: () => Promise<void>;
};

type Draft = {
  readonly words: string;
  /** As it stood when they began to write. */
  readonly before: string;
};

/** What was typed and is not saved, by appointment: its place on the page changes when another begins. */
const drafts = new Map<string, Draft>();

export function OwnLine({ link, one, onSaved }: Props) {
  const text = useText();
  const open = useSignal(drafts.has(one.appointment.id));
  const button = useRef<HTMLButtonElement>(null);
  const { appointment, own_note: line = "" } = one;
  const { student } = appointment;
  const close = () => {
    drafts.delete(appointment.id);
    open.value = false;
    setTimeout(() => button.current?.focus());
  };
  return (
    <div class="own-line">
      {line !== "" && !open.value && <p class="hint">{text("line_own", { line })}</p>}
      {open.value ? (
        <Writing link={link} one={one} onClose={close} onSaved={onSaved} />
      ) : (
        <button
          ref={button}
          type="button"
          class="link"
          aria-label={text(line === "" ? "line_add_about" : "line_change_about", { student })}
          onClick={() => {
            open.value = true;
          }}
        >
          {text(line === "" ? "line_add" : "line_change")}
        </button>
      )}
    </div>
  );
}

type WritingProps = Props & { readonly onClose: () => void };

function Writing({ link, one, onClose, onSaved }: WritingProps) {
  const { appointment, own_note: line = "" } = one;
  const text = useText();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = drafts.get(appointment.id);
  const words = useSignal(draft?.words ?? line);
  const before = useRef(draft?.before ?? line);
  const { busy, failed, run } = useSay();
  // Somebody else has written something else, which stands below to be read before it is replaced.
  const isChanged =
    failed !== null && failed !== "unreachable" && failed.code === "changed_meanwhile";
  useLayoutEffect(() => field.current?.focus(), []);
  const send = async (sent: string) => {
    const answer = await noteForTeachers(link, appointment.id, sent, before.current);
    if (answer.type === "refused" && answer.problem.code === "changed_meanwhile") {
      await onSaved();
    }
    return answer;
  };
  const save = () => {
    const sent = words.value;
    if (isChanged) {
      before.current = line;
    }
    return run(
      () => send(sent.trim()),
      async () => {
        await onSaved();
        // What was typed meanwhile is saved by another press.
        if (words.value === sent) {
          onClose();
        }
      },
    );
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div class="field">
        <label for={id}>{text("line_label", { student: appointment.student })}</label>
        <p id={`${id}-hint`} class="hint">
          {text("line_hint")}
        </p>
        <textarea
          ref={field}
          id={id}
          rows={2}
          maxLength={LONGEST_NOTE}
          aria-describedby={`${id}-hint`}
          value={words.value}
          onInput={({ currentTarget }) => {
            words.value = currentTarget.value;
            drafts.set(appointment.id, { words: words.value, before: before.current });
          }}
        />
      </div>
      {isChanged ? (
        <p class="problem" role="alert">
          {line === "" ? text("line_taken_away") : text("line_changed", { line })}
        </p>
      ) : (
        <Refused failed={failed} />
      )}
      <div class="actions">
        <button type="submit" class="secondary" aria-disabled={busy}>
          {text("line_save")}
        </button>
        <button type="button" class="link" onClick={onClose}>
          {text("go_back")}
        </button>
      </div>
    </form>
  );
}
