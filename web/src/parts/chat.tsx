// What is said in writing: for as long as the call, and kept nowhere.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { useApp } from "../app";
import type { CallPhase, Written } from "../session/state";
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
      <Writing />
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

function Writing() {
  const { report, text } = useApp();
  const id = useId();
  const words = useSignal("");
  const send = () => {
    const said = words.peek().trim();
    if (said !== "") {
      report({ type: "asked", message: { type: "write", text: said } });
      words.value = "";
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
      <div class="line">
        <input
          id={id}
          autocomplete="off"
          maxLength={LONGEST_NOTE}
          value={words.value}
          onInput={({ currentTarget }) => {
            words.value = currentTarget.value;
          }}
        />
        <button type="submit" class="secondary">
          {text("chat_send")}
        </button>
      </div>
    </form>
  );
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
