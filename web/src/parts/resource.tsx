// What a page has to ask the server for before it can show it, and asks again for what changes.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef } from "preact/hooks";
import type { Answer } from "../http/ask";
import { useText } from "../text/context";
import { wordsOf } from "../text/refusals";
import type { Problem } from "../wire/messages";

export type Resource<T> = {
  /** The last that was given; it stays while newer is asked for. */
  readonly value: T | null;
  /** Why there is nothing, or nothing newer. */
  readonly trouble: Problem | "unreachable" | null;
  /** Asks again. */
  readonly reload: () => Promise<void>;
  /** Puts in what an answer to something else has told already. */
  readonly set: (value: T) => void;
};

/**
 * Asks by `load` when the page is shown, when a value in `about` changes, and, while the page can be
 * seen, every `everyMs`. An answer that was overtaken by a newer question is dropped. Until the first
 * answer there is what was `known` before.
 */
export function useResource<T>(
  load: () => Promise<Answer<T>>,
  about: readonly unknown[],
  everyMs?: number,
  known: T | null = null,
): Resource<T> {
  const value = useSignal<T | null>(known);
  const trouble = useSignal<Problem | "unreachable" | null>(null);
  const asked = useRef(0);
  const loading = useRef(load);
  loading.current = load;

  const newest = useRef(Promise.resolve());

  const reload = useCallback(() => {
    asked.current += 1;
    const question = asked.current;
    const ask = async () => {
      const answer = await loading.current();
      if (question !== asked.current) {
        // What is true comes with the newer one.
        await newest.current;
      } else if (answer.type === "given") {
        value.value = answer.body;
        trouble.value = null;
      } else {
        trouble.value = answer.type === "refused" ? answer.problem : "unreachable";
      }
    };
    newest.current = ask();
    return newest.current;
  }, [value, trouble]);
  /** What was asked before is of no more use. */
  const overtake = useCallback(() => {
    asked.current += 1;
    newest.current = Promise.resolve();
  }, []);

  useEffect(() => {
    value.value = known;
    trouble.value = null;
    void reload();
    return overtake;
  }, about);
  useEvery(everyMs, reload);

  const set = useCallback(
    (given: T) => {
      overtake();
      value.value = given;
      trouble.value = null;
    },
    [value, trouble, overtake],
  );
  return { value: value.value, trouble: trouble.value, reload, set };
}

/**
 * The same for a page that Join leads away from: whoever comes back finds there at once what it `showed` last of theirs,
 * whatever the server can say just now.
 */
export function useShown<T>(
  showed: WeakMap<object, T>,
  whose: object,
  load: () => Promise<Answer<T>>,
): Resource<T> {
  const resource = useResource(load, [whose], undefined, showed.get(whose));
  if (resource.value !== null) {
    showed.set(whose, resource.value);
  }
  return resource;
}

/** Does `work` again and again while the page can be seen, the next after the last is done. */
export function useEvery(everyMs: number | undefined, work: () => Promise<void>): void {
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => {
    if (everyMs === undefined) {
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    let busy = false;
    const next = () => {
      timer = setTimeout(() => void turn(), everyMs);
    };
    const turn = async () => {
      if (busy) {
        return;
      }
      if (document.visibilityState === "visible") {
        busy = true;
        await latest.current();
        busy = false;
      }
      if (!over) {
        next();
      }
    };
    const seen = () => {
      if (document.visibilityState === "visible") {
        clearTimeout(timer);
        void turn();
      }
    };
    next();
    document.addEventListener("visibilitychange", seen);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [everyMs]);
}

type Props<T> = {
  readonly of: Resource<T>;
  readonly children: (value: T) => ComponentChildren;
};

/** Shows what was given, and until then that it is being asked for or why it cannot be had. */
export function Loaded<T>({ of, children }: Props<T>) {
  const text = useText();
  return (
    <>
      {of.trouble !== null && (
        <div class="note warning" role="status">
          <p>
            {of.trouble === "unreachable" ? text("refusal_unreachable") : wordsOf(of.trouble, text)}
          </p>
          <button type="button" class="secondary" onClick={() => void of.reload()}>
            {text("try_again")}
          </button>
        </div>
      )}
      {of.value === null && of.trouble === null && <p class="hint">{text("loading")}</p>}
      {of.value !== null && children(of.value)}
    </>
  );
}
