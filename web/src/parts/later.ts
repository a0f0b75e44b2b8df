// A part of the page that comes after what is needed first: asked for once that is drawn, so that it is
// there when somebody gets to it.

import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { afterDrawn } from "../media/after-drawn";
import { useEvery } from "./resource";

export type Later<T> = {
  /** What has come. */
  readonly part: ReadonlySignal<T | null>;
  /** Whether it could not be had when it was asked for. */
  readonly isLost: ReadonlySignal<boolean>;
  /** Asks for it, unless it is here or on its way. */
  readonly fetch: () => Promise<void>;
};

/** Brings the words of parts, in the language of the page. */
let bringWords: () => Promise<void> = async () => {};

/** Has each part come with its words from now on; those before it have them. */
export function bringWordsBy(bring: () => Promise<void>): void {
  bringWords = bring;
}

export function later<T>(load: () => Promise<T>): Later<T> {
  const part = signal<T | null>(null);
  const isLost = signal(false);
  let coming: Promise<void> | null = null;
  const fetch = () => {
    coming ??= Promise.all([load(), bringWords()]).then(
      ([come]) => {
        part.value = come;
      },
      () => {
        isLost.value = true;
        coming = null;
      },
    );
    return coming;
  };
  return { part, isLost, fetch };
}

/** Has it come soon, once there is something to look at. */
export function useSoon({ fetch }: Later<unknown>, isDrawn = true): void {
  useEffect(() => {
    if (isDrawn) {
      afterDrawn(() => void fetch());
    }
  }, [fetch, isDrawn]);
}

/** While it does not come, it is asked for this often. */
const AGAIN_MS = 2_000;

/** Has it come now, for it is to be seen. */
export function useNow({ fetch }: Later<unknown>): void {
  useEffect(() => void fetch(), [fetch]);
  useEvery(AGAIN_MS, fetch);
}
