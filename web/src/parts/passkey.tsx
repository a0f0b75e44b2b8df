// A passkey in the place of a code, where one is asked for.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Answer } from "../http/ask";
import { showPasskey } from "../http/passkey";
import { useText } from "../text/context";
import { wordsOf } from "../text/refusals";
import type { Text } from "../text/text";
import type { PasskeyAsked, ShownPasskey } from "../wire/messages";
import { BusyButton } from "./form";

type Props<T> = {
  /** What there is to sign, where it is asked by itself: the browser asks for a passkey at once. */
  readonly first?: PasskeyAsked;
  /** What there is to sign, at a press. */
  readonly ask: () => Promise<Answer<PasskeyAsked>>;
  readonly send: (passkey: ShownPasskey) => Promise<Answer<T>>;
  readonly done: (body: T) => void | Promise<void>;
  /** What is to be done first, in words. */
  readonly before?: () => string | null;
  readonly kind?: "primary" | "secondary";
};

export function UsePasskey<T>({ first, ask, send, done, before, kind = "primary" }: Props<T>) {
  const text = useText();
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const over = useRef(new AbortController());
  const show = async (asking: () => Promise<Answer<PasskeyAsked>>): Promise<void> => {
    const missing = before?.() ?? null;
    if (busy.value || missing !== null) {
      problem.value = missing;
      return;
    }
    busy.value = true;
    problem.value = null;
    const why = await shown({ ask: asking, send, done }, over.current.signal, text);
    if (!over.current.signal.aborted) {
      busy.value = false;
      problem.value = why;
    }
  };
  useEffect(() => {
    // The press that led here is what browsers wish to have seen.
    if (first !== undefined) {
      void show(async () => ({ type: "given", body: first }));
    }
    return () => over.current.abort();
  }, []);
  return (
    <>
      {problem.value !== null && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <div class="actions">
        <BusyButton kind={kind} busy={busy.value} onPress={() => void show(ask)}>
          {text("passkey_use")}
        </BusyButton>
      </div>
    </>
  );
}

/** Why it came to nothing, in words, if it did. */
async function shown<T>(
  { ask, send, done }: Pick<Props<T>, "ask" | "send" | "done">,
  until: AbortSignal,
  text: Text,
): Promise<string | null> {
  const asked = await ask();
  if (asked.type !== "given") {
    return asked.type === "refused" ? wordsOf(asked.problem, text) : text("refusal_unreachable");
  }
  const came = await showPasskey(asked.body, until);
  if (came.type !== "given") {
    return text("passkey_stopped");
  }
  const answer = await send(came.passkey);
  switch (answer.type) {
    case "given":
      await done(answer.body);
      return null;
    case "refused":
      return answer.problem.code === "wrong_code"
        ? text("passkey_wrong")
        : wordsOf(answer.problem, text);
    case "unreachable":
      return text("refusal_unreachable");
  }
}
