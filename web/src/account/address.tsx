// Another address to sign in with (DIR-9): asked for here, and confirmed by the link that is sent there.

import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { secretIn } from "../http/links";
import { useAct } from "../parts/act";
import { emailProblem } from "../parts/email";
import { BusyButton, FormView, useForm } from "../parts/form";
import { Page } from "../parts/page";
import { useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { Account, WaitingAddress } from "../wire/messages";
import { useAccount } from "./account";
import { byPassword, EmailField, LostPassword, PasswordField, passwordMissing } from "./fields";
import { SignInForm } from "./sign-in";

type Props = {
  readonly email: string;
  readonly waits: WaitingAddress | undefined;
  readonly hasHat: boolean;
  readonly reload: () => Promise<void>;
};

export function OwnAddress({ email, waits, hasHat, reload }: Props) {
  const text = useText();
  const status = useSignal("");
  const said = useRef<HTMLParagraphElement>(null);
  const again = async (says: string) => {
    await reload();
    status.value = says;
    // What was pressed may be gone.
    said.current?.focus();
  };
  return (
    <>
      <p>{text("account_signed_in_as", { email })}</p>
      {waits !== undefined && <Waiting waits={waits} again={again} />}
      <p role="status" tabIndex={-1} ref={said}>
        {status.value}
      </p>
      <details key={waits?.email ?? email}>
        <summary>{text("account_address_change")}</summary>
        <p>{text("account_address_text")}</p>
        {hasHat && <p>{text("account_address_hat")}</p>}
        <div class="section">
          <AddressForm email={email} hasHat={hasHat} again={again} />
        </div>
      </details>
    </>
  );
}

type Again = (says: string) => Promise<void>;

function AddressForm({
  email,
  hasHat,
  again,
}: Pick<Props, "email" | "hasHat"> & { readonly again: Again }) {
  const { api } = useAccount();
  const text = useText();
  const form = useForm({
    initial: { email: "", password: "" },
    check: (typed) => ({
      ...(typed.email.trim().toLowerCase() === email.toLowerCase()
        ? { email: text("account_address_same") }
        : emailProblem(typed.email, text)),
      ...passwordMissing(typed, text),
    }),
    send: ({ email: to, password }) =>
      byPassword(api.changeAddress({ email: to.trim(), password }), text),
    done: (_, typed) => again(text("account_address_sent", { email: typed.email.trim() })),
  });
  return (
    <>
      <FormView form={form} action={text("account_address_send")}>
        <EmailField form={form} label={text("account_address_new")} autocomplete="email" />
        <PasswordField form={form} hint={hasHat ? text("hat_close") : undefined} />
      </FormView>
      <LostPassword email={email} action={text("account_address_forgotten")} />
    </>
  );
}

/** One that was asked for, until it is confirmed or withdrawn. */
function Waiting({ waits, again }: { readonly waits: WaitingAddress; readonly again: Again }) {
  const { api } = useAccount();
  const text = useText();
  const { email, expired } = waits;
  const resend = useAct(api.resendAddress);
  const keep = useAct(api.keepAddress);
  const problem = resend.problem ?? keep.problem;
  return (
    <div class="note">
      <p>{text(expired ? "account_address_expired" : "account_address_waits", { email })}</p>
      {!expired && <p>{text("account_address_nothing")}</p>}
      <div class="actions">
        <BusyButton
          kind="secondary"
          busy={resend.busy}
          onPress={() => void resend.run(() => again(text("account_address_sent", { email })))}
        >
          {text("account_address_resend")}
        </BusyButton>
        <BusyButton
          kind="secondary"
          busy={keep.busy}
          onPress={() => void keep.run(() => again(text("account_address_kept")))}
        >
          {text("account_address_keep")}
        </BusyButton>
      </div>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** The link of an e-mail: only a press uses it, by whoever is signed in. */
export function ConfirmAddressPage() {
  const { session } = useAccount();
  const text = useText();
  const secret = useMemo(() => secretIn(location), []);
  const done = useSignal("");
  const heading = text("account_address_title");
  if (done.value !== "") {
    return (
      <Page key="done" state="address-confirmed" heading={text("account_title")}>
        <p>{text("account_address_done", { email: done.value })}</p>
        <ToAccount />
      </Page>
    );
  }
  switch (session.value.type) {
    case "asking":
      return (
        <Page state="loading" heading={heading}>
          <p class="hint">{text("loading")}</p>
        </Page>
      );
    case "nobody":
      return (
        <Page key="sign-in" state="address-sign-in" heading={heading}>
          <p>{text("account_address_sign_in")}</p>
          <SignInForm />
        </Page>
      );
    case "somebody":
      return (
        <Page key="confirm" state="address-confirm" heading={heading}>
          <ConfirmAddress
            account={session.value.account}
            secret={secret}
            done={({ email }) => {
              done.value = email;
            }}
          />
        </Page>
      );
  }
}

type ConfirmProps = {
  readonly account: Account;
  readonly secret: string;
  readonly done: (account: Account) => void;
};

function ConfirmAddress({ account, secret, done }: ConfirmProps) {
  const { api } = useAccount();
  const text = useText();
  const act = useAct(() => api.confirmAddress(secret));
  const home = useResource(() => api.home(), []);
  const asked = home.value?.new_address?.email;
  return (
    <>
      {asked !== undefined && (
        <p>
          {text("account_address_new")}: <strong>{asked}</strong>
        </p>
      )}
      <p>{text("account_address_confirm_text", { email: account.email })}</p>
      <p>{text("account_address_links")}</p>
      {act.problem !== null && (
        <div class="note" role="alert">
          <p class="problem">{act.problem}</p>
          <p>{text("account_address_dead")}</p>
        </div>
      )}
      <div class="actions">
        <BusyButton kind="primary" busy={act.busy} onPress={() => void act.run(done)}>
          {text("account_address_confirm")}
        </BusyButton>
      </div>
      <ToAccount />
    </>
  );
}

function ToAccount() {
  const text = useText();
  return (
    <p>
      <a href="/account">{text("account_address_home")}</a>
    </p>
  );
}
