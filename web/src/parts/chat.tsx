// What is said in writing: for as long as the call, and kept by nobody but the tabs of those in it.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { useApp } from "../app";
import { type CallPhase, isOnHold, type Written } from "../session/state";
import { LONGEST_NOTE } from "../wire/limits";

export function Chat({ phase }: { readonly phase: CallPhase }) {
  const { text } = useApp();
  const list = useRef<HTMLOListElement>(null);
  const last = phase.written.at(-1)?.number;
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [last]);
  return (
    <section class="chat" aria-label={text("chat_title")}>
      {phase.written.length === 0 ? (
        <p class="hint">{text("chat_empty")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <ol ref={list} tabIndex={0} aria-label={text("chat_title")}>
          {phase.written.map((one) => (
            <Line key={one.number} one={one} own={one.participant === phase.you} />
          ))}
        </ol>
      )}
      <Writing phase={phase} />
    </section>
  );
}

function Line({ one, own }: { readonly one: Written; readonly own: boolean }) {
  const { text } = useApp();
  return (
    <li>
      <p class="who">
        <bdi>{own ? text("call_you") : one.name}</bdi>
      </p>
      <p class="what" dir="auto">
        {partsOf(one.text).map((part) =>
          part.isLink ? (
            <a key={part.at} href={part.text} target="_blank" rel="noopener noreferrer nofollow">
              {part.text}
            </a>
          ) : (
            <span key={part.at}>{part.text}</span>
          ),
        )}
      </p>
    </li>
  );
}

/** The field is emptied once the others have what was in it. */
function Writing({ phase: { writing } }: { readonly phase: CallPhase }) {
  const { report, state, text } = useApp();
  const id = useId();
  const words = useSignal(writing?.text ?? "");
  const sent = useRef(writing?.text);
  const isOnItsWay = writing !== null && writing.why === null;
  const isHeld = isOnHold(state.value);
  const why = isHeld ? "not_seated" : writing?.why;
  useEffect(() => {
    if (writing === null) {
      words.value = words.peek() === sent.current ? "" : words.peek();
      sent.current = undefined;
    }
  }, [writing, words]);
  const send = () => {
    const said = visible(words.peek());
    words.value = said;
    if (said !== "" && !isOnItsWay && !isHeld) {
      sent.current = said;
      report({ type: "asked", message: { type: "write", text: said } });
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label for={id}>{text("chat_label")}</label>
      <div role="status">{why && <p id={`${id}-why`}>{text(`chat_unsent_${why}`)}</p>}</div>
      <div class="line">
        <input
          id={id}
          autocomplete="off"
          maxLength={LONGEST_NOTE}
          readOnly={isOnItsWay}
          aria-describedby={why ? `${id}-why` : undefined}
          value={words.value}
          onInput={({ currentTarget }) => {
            words.value = currentTarget.value;
          }}
        />
        <button type="submit" class="secondary" aria-disabled={isHeld}>
          {text(writing?.why ? "media_try_again" : "chat_send")}
        </button>
      </div>
    </form>
  );
}

/** Without the marks that come along with what is copied, and that nobody sees. */
export function visible(text: string): string {
  return text
    .replace(/[\t\u2028\u2029]/g, " ")
    .replace(/[\p{Cc}\u00ad\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffd]/gu, "")
    .trim();
}

type Part = { readonly at: number; readonly text: string; readonly isLink: boolean };

/** The text, with the addresses in it: those of web pages alone, and shown as they lead. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s<>"']+/gi)) {
    const address = found[0].replace(/[.,;:!?)\]}]+$/, "");
    if (!isAddress(address)) {
      continue;
    }
    parts.push({ at: from, text: text.slice(from, found.index), isLink: false });
    from = found.index + address.length;
    parts.push({ at: found.index, text: address, isLink: true });
  }
  return [...parts, { at: from, text: text.slice(from), isLink: false }].filter(
    (part) => part.text !== "",
  );
}

/** What shows one name and leads to another, by a user name before an `@`, is none. */
function isAddress(address: string): boolean {
  try {
    const { host, username } = new URL(address);
    return host !== "" && username === "";
  } catch {
    return false;
  }
}
