// What the pages of an account share.

import type { ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { AccountApi } from "../http/account";
import type { Account } from "../wire/messages";

/** Whether somebody is signed in: not known yet, nobody, or who. */
export type Session =
  | { readonly type: "asking" | "nobody" }
  | { readonly type: "somebody"; readonly account: Account };

export type Accounts = { readonly api: AccountApi; readonly session: ReadonlySignal<Session> };

export const AccountContext = createContext<Accounts | null>(null);

export function useAccount(): Accounts {
  const accounts = useContext(AccountContext);
  if (accounts === null) {
    throw new Error("the pages of an account are drawn inside AccountContext");
  }
  return accounts;
}
