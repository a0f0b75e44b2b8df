// Who is about to be invited, and what became of it.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { useAct } from "../parts/act";
import { useDialog } from "../parts/dialog";
import { BusyButton } from "../parts/form";
import { Loaded, useEvery, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { TextKey } from "../text/text";
import type {
  OpenContact,
  OpenRegistrations,
  RegistrationLetters,
  RegistrationsSent,
} from "../wire/messages";
import { useOffice } from "./office";
import { useSchoolTimes } from "./school-times";

export type Whom = OpenContact;

type Props = {
  /** Who was ticked; `null` for all who may be invited. */
  readonly chosen: readonly Whom[] | null;
  /** By text message, whatever address they have. */
  readonly byText: boolean;
  /** It is over: whether anything was sent. */
  readonly onClose: (sent: boolean) => void;
  /** Letters were made, to be printed. */
  readonly onLetters: (letters: RegistrationLetters) => void;
};

export function Review({ chosen, byText, onClose, onLetters }: Props) {
  const { api } = useOffice();
  const text = useText();
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const sent = useSignal<RegistrationsSent | null>(null);
  const dialog = useDialog(() => onClose(sent.value !== null));
  useEffect(() => {
    // The button that was pressed is gone.
    if (sent.value !== null) {
      heading.current?.focus();
    }
  }, [sent.value]);
  const open = useResource<OpenRegistrations>(
    () => (chosen === null ? api.openRegistrations() : ticked(chosen)),
    [],
  );
  const whom = open.value?.contacts ?? [];
  const act = useAct(() =>
    api.sendRegistrations(
      whom.map((one) => one.id),
      byText,
    ),
  );
  const byLetter = sent.value?.by_letter ?? [];
  const making = useAct(() => api.printRegistrations(byLetter));
  return (
    <dialog {...dialog} class="confirm" aria-labelledby={id}>
      <h2 id={id} ref={heading} tabIndex={-1}>
        {text(titleOf(sent.value))}
      </h2>
      {sent.value === null ? (
        <Loaded of={open}>{(given) => <Whoever open={given} byText={byText} />}</Loaded>
      ) : (
        <Sent sent={sent.value} isOne={(id) => whom.some((one) => one.id === id)} inWindow />
      )}
      {(act.problem ?? making.problem) !== null && (
        <p class="problem" role="alert">
          {act.problem ?? making.problem}
        </p>
      )}
      <div class="actions">
        {sent.value === null && whom.length > 0 && (
          <BusyButton
            busy={act.busy}
            onPress={() =>
              void act.run((given) => {
                sent.value = given;
              })
            }
          >
            {text("registrations_review_send")}
          </BusyButton>
        )}
        {byLetter.length > 0 && (
          <BusyButton busy={making.busy} onPress={() => void making.run(onLetters)}>
            {text("letters_make", { count: byLetter.length })}
          </BusyButton>
        )}
        <button type="button" class="secondary" onClick={dialog.onClose}>
          {text(sent.value === null ? "go_back" : "registrations_close")}
        </button>
      </div>
    </dialog>
  );
}

function titleOf(sent: RegistrationsSent | null): TextKey {
  if (sent === null) {
    return "registrations_review";
  }
  const isByLetter = sent.sent === 0 && (sent.by_letter ?? []).length > 0;
  return isByLetter ? "letters_wait_title" : "registrations_sent_title";
}

function ticked(contacts: readonly Whom[]) {
  const body = { contacts: [...contacts], total: contacts.length, invited: 0 };
  return Promise.resolve({ type: "given" as const, body });
}

type WhoeverProps = { readonly open: OpenRegistrations; readonly byText: boolean };

function Whoever({ open: { contacts, total, invited }, byText }: WhoeverProps) {
  const text = useText();
  const letters = contacts.filter(({ by }) => by === "letter").length;
  const reached = ({ email, mobile = "", by }: Whom) =>
    by === "letter"
      ? text("registrations_review_letter")
      : by === "text"
        ? text("registrations_review_by_text", { mobile })
        : email;
  return (
    <>
      <p>{text("registrations_review_text", { count: contacts.length })}</p>
      {letters > 0 && <p>{text("registrations_review_letters", { count: letters })}</p>}
      {total > contacts.length && (
        <p>{text("registrations_review_more", { count: total - contacts.length })}</p>
      )}
      {invited > 0 && <p>{text("registrations_review_invited", { count: invited })}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and not every browser lets a keyboard do it */}
      <ul class="reviewed points" tabIndex={0}>
        {contacts.map((one) => (
          <li key={one.id}>
            {one.name}, {reached(one)} ({one.students.join(", ")})
            {one.undelivered !== undefined && !byText && (
              <>
                <br />
                {text("registrations_undelivered_before")} {one.undelivered.reason}
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

const LOOK_MS = 1_000;

/** How many have gone out, as long as some wait; and who was left out. */
type SentProps = {
  readonly sent: RegistrationsSent;
  /** Whether somebody, by their id, is one of those they went to. */
  readonly isOne: (id: string) => boolean;
  /** Whether this stands in a window over the page that has the ways on. */
  readonly inWindow?: boolean;
};

export function Sent({ sent, isOne, inWindow = false }: SentProps) {
  const { api } = useOffice();
  const text = useText();
  const times = useSchoolTimes();
  const waiting = useSignal(sent.sent);
  const undelivered = useSignal<readonly OpenContact[]>([]);
  const letters = sent.by_letter?.length ?? 0;
  useEvery(waiting.value > 0 ? LOOK_MS : undefined, async () => {
    const answer = await api.registrationProgress();
    if (answer.type === "given") {
      undelivered.value = answer.body.undelivered.filter((one) => isOne(one.id));
      waiting.value = Math.min(answer.body.waiting, sent.sent);
    }
  });
  const number = Math.max(sent.sent - waiting.value - undelivered.value.length, 0);
  return (
    <>
      {(sent.sent > 0 || letters === 0) && times !== null && (
        <p>{text("registrations_sent", { count: sent.sent, moment: times.moment(sent.until) })}</p>
      )}
      {sent.sent > 0 && (
        <>
          <p role="status">
            {text("registrations_progress", {
              number,
              count: sent.sent,
            })}
          </p>
          <progress max={sent.sent} value={number} aria-hidden="true" />
        </>
      )}
      {undelivered.value.length > 0 && (
        <>
          <p class="problem">
            {text("registrations_not_delivered", { count: undelivered.value.length })}
          </p>
          <ul class="points">
            {undelivered.value.map((one) => (
              <li key={one.id}>
                {one.name}, {one.email}: {one.undelivered?.reason}
              </li>
            ))}
          </ul>
          <p>
            {text(
              inWindow ? "registrations_not_delivered_on" : "registrations_not_delivered_there",
            )}
          </p>
        </>
      )}
      {letters > 0 && <p>{text("letters_wait", { count: letters })}</p>}
      {sent.refused.length > 0 && (
        <>
          <p>{text("registrations_refused", { count: sent.refused.length })}</p>
          <ul class="points">
            {sent.refused.map(({ id, name, reason }) => (
              <li key={id}>
                {name}: {reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
