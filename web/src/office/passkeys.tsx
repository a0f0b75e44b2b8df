// Passkeys of whoever is signed in (OPS-7): added, listed, and taken back.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { knowsPasskeys, makePasskey } from "../http/passkey";
import { FormView, useForm } from "../parts/form";
import { TextField } from "../parts/text-field";
import { useLanguage, useText } from "../text/context";
import { timesIn } from "../text/times";
import type { Passkey, RecoveryCodes, SecondFactor } from "../wire/messages";
import { useOffice } from "./office";

/** Whether one more can be added here. */
export function canAddPasskey({ takes_passkeys: takes }: SecondFactor): boolean {
  return takes && knowsPasskeys();
}

type ListProps = {
  readonly passkeys: readonly Passkey[];
  readonly onRemove: ((passkey: Passkey) => void) | null;
};

export function PasskeyList({ passkeys, onRemove }: ListProps) {
  const { locale, text } = useLanguage();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const times = timesIn(locale, zone);
  return (
    <ul class="list" aria-label={text("passkey_list")}>
      {passkeys.map((passkey) => {
        const { id, name, added, used } = passkey;
        const since = times.stamp(added);
        return (
          <li key={id}>
            <strong dir="auto">{name}</strong>
            <p class="hint">
              {used === undefined
                ? text("passkey_unused", { added: since })
                : text("passkey_used", { added: since, used: times.stamp(used) })}
            </p>
            {onRemove !== null && (
              <div class="actions">
                <button
                  type="button"
                  class="secondary"
                  aria-label={text("passkey_remove_named", { name })}
                  onClick={() => onRemove(passkey)}
                >
                  {text("passkey_remove")}
                </button>
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

type AddProps = {
  /** The recovery codes that came with it; none where there are some. */
  readonly take: (codes: RecoveryCodes) => Promise<void>;
  readonly onBack: () => void;
};

type Wish = { readonly name: string; readonly password: string };

export function AddPasskey({ take, onBack }: AddProps) {
  const { api } = useOffice();
  const text = useText();
  const over = useRef(new AbortController());
  useEffect(() => () => over.current.abort(), []);
  const stopped = useSignal<"passkey_not_made" | "passkey_there" | null>(null);
  const form = useForm<Wish, RecoveryCodes | null>({
    initial: { name: "", password: "" },
    check: ({ password }) =>
      password === "" ? { password: text("sign_in_password_missing") } : {},
    send: async ({ name, password }) => {
      stopped.value = null;
      const wish = await api.wishPasskey({ password });
      if (wish.type !== "given") {
        return wish;
      }
      const came = await makePasskey(wish.body, over.current.signal);
      if (came.type !== "given") {
        stopped.value = came.type === "there" ? "passkey_there" : "passkey_not_made";
        return { type: "given", body: null };
      }
      const { isOfDevice, ...made } = came.passkey;
      const called = name.trim() === "" ? calledBy(isOfDevice) : name;
      return api.addPasskey({ ...made, name: called ?? text("passkey_security_key") });
    },
    done: async (answer) => {
      if (answer !== null) {
        await take(answer);
      }
    },
    fieldOf: (code) => (code === "wrong_password" ? "password" : undefined),
  });
  return (
    <>
      <p>{text("passkey_about")}</p>
      {stopped.value !== null && (
        <p class="problem" role="alert">
          {text(stopped.value)}
        </p>
      )}
      <FormView
        form={form}
        action={text("passkey_make")}
        beside={
          <button type="button" class="link" onClick={onBack}>
            {text("go_back")}
          </button>
        }
      >
        <TextField
          form={form}
          name="name"
          label={text("passkey_name")}
          hint={text("passkey_name_hint")}
        />
        <TextField
          form={form}
          name="password"
          type="password"
          label={text("sign_in_password")}
          autocomplete="current-password"
        />
      </FormView>
    </>
  );
}

const DEVICES = ["iPhone", "iPad", "Android", "Windows", "Mac", "CrOS", "Linux"] as const;

/** What a passkey of this device is called, if it is one. */
function calledBy(isOfDevice: boolean): string | undefined {
  const device = DEVICES.find((one) => navigator.userAgent.includes(one));
  return isOfDevice ? (device === "CrOS" ? "Chromebook" : device) : undefined;
}
