// An invitation to register: what the account is for, and a password for it (DIR-5).

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Answer } from "../http/ask";
import { secretIn } from "../http/links";
import { emailProblem } from "../parts/email";
import { FormView, useForm } from "../parts/form";
import { LinkEntry } from "../parts/link-entry";
import { useNames } from "../parts/names";
import { NewPasswordField, passwordProblem } from "../parts/new-password";
import { Page } from "../parts/page";
import { Loaded, useResource } from "../parts/resource";
import { useLanguage, useText } from "../text/context";
import type { TextKey } from "../text/text";
import { ownZone, timesIn } from "../text/times";
import type { OfferState, RegistrationOffer } from "../wire/messages";
import { useAccount } from "./account";
import { DetailsForm, DetailsGiven, ParentsNamed } from "./details";
import { byPassword, EmailField, LostPassword, PasswordField, passwordMissing } from "./fields";

export function RegisterPage() {
  const { api } = useAccount();
  const text = useText();
  const secret = useMemo(() => secretIn(location), []);
  const offer = useResource(() => api.offer(secret), [secret]);
  const { trouble } = offer;
  const unknown = trouble !== null && trouble !== "unreachable" && trouble.code === "no_such_link";
  const state = unknown ? "unknown" : (offer.value?.state ?? "open");
  const details = state === "open" ? offer.value?.details : undefined;
  // Whoever has given their details may go back to them.
  const changes = useSignal(false);
  const change = (on: boolean) => {
    changes.value = on;
  };
  const heed = async <T,>(asked: Promise<Answer<T>>) => {
    const answer = await asked;
    if (answer.type === "refused" && OF_THE_LINK.has(answer.problem.code)) {
      void offer.reload();
    }
    return answer;
  };
  const asks = details !== undefined && (!details.given || changes.value);
  const heading = asks ? "details_title" : HEADINGS[state];
  return (
    <Page state="register" name={asks ? "details" : state} heading={text(heading)}>
      {unknown ? (
        <>
          <p>{text("register_unknown_text")}</p>
          <LinkEntry />
        </>
      ) : (
        <Loaded of={offer}>
          {(given) => (
            <Offer
              secret={secret}
              offer={given}
              heed={heed}
              set={offer.set}
              asks={asks}
              change={change}
            />
          )}
        </Loaded>
      )}
    </Page>
  );
}

/** What is refused because the link opens something else by now, or nothing: the page shows that. */
const OF_THE_LINK: ReadonlySet<string> = new Set(["no_such_link", "set_up_done", "email_taken"]);

const HEADINGS: Readonly<Record<OfferState | "unknown", TextKey>> = {
  open: "register_title",
  expired: "register_expired_title",
  replaced: "register_replaced_title",
  registered: "register_registered_title",
  shared: "register_shared_title",
  address: "register_title",
  unknown: "register_unknown_title",
};

type Props = {
  readonly secret: string;
  readonly offer: RegistrationOffer;
  readonly heed: Heed;
};

/** Looks at an answer for what it tells of the link itself. */
export type Heed = <T>(asked: Promise<Answer<T>>) => Promise<Answer<T>>;

type OfferProps = Props & {
  readonly set: (offer: RegistrationOffer) => void;
  /** Whether it is their details that they are asked for now. */
  readonly asks: boolean;
  readonly change: (on: boolean) => void;
};

function Offer({ secret, offer, heed, set, asks, change }: OfferProps) {
  const text = useText();
  const { school } = offer;
  const { locale } = useLanguage();
  const moment = timesIn(locale, ownZone()).moment(offer.until);
  switch (offer.state) {
    case "expired":
      return (
        <>
          <p class="lead">{text("register_expired_text", { moment })}</p>
          <p>{text("register_ask_school", { school })}</p>
        </>
      );
    case "replaced":
      return <p class="lead">{text("register_replaced_text")}</p>;
    case "shared":
      return <p class="lead">{text("register_shared_text", { email: offer.email, school })}</p>;
    case "registered":
      return (
        <>
          <p class="lead">{text("register_registered_text")}</p>
          <p>
            <a class="button primary" href="/account">
              {text("account_sign_in")}
            </a>
          </p>
        </>
      );
    case "address":
      return (
        <>
          <What offer={offer} moment={moment} />
          <AddressForm secret={secret} known={offer.email} heed={heed} />
        </>
      );
    case "open":
    case "unknown":
      if (asks && offer.details !== undefined) {
        const taken = (given: RegistrationOffer) => {
          set(given);
          change(false);
        };
        const given = { secret, heed, details: offer.details, set: taken };
        return <DetailsForm offer={offer} {...given} />;
      }
      return (
        <>
          {offer.details !== undefined && <DetailsGiven change={() => change(true)} />}
          <Open secret={secret} offer={offer} heed={heed} moment={moment} />
          {offer.details !== undefined && (
            <ParentsNamed secret={secret} heed={heed} details={offer.details} set={set} />
          )}
        </>
      );
  }
}

type WhatProps = { readonly offer: RegistrationOffer; readonly moment: string };

/** What the account is for, and until when the invitation is good. */
function What({ offer: { school, name, students }, moment }: WhatProps) {
  const text = useText();
  const names = useNames();
  return (
    <>
      <p class="lead">{text("register_text", { name, school })}</p>
      <ul class="points">
        <li>{text("register_for_students", { students: names(students) })}</li>
        <li>{text("register_for_evenings")}</li>
        <li>{text("register_for_links")}</li>
      </ul>
      <p class="note">{text("register_until", { moment })}</p>
    </>
  );
}

function Open({ secret, offer, heed, moment }: Props & { readonly moment: string }) {
  const { email } = offer;
  return (
    <>
      <What offer={offer} moment={moment} />
      {offer.has_account ? (
        <KnownForm secret={secret} email={email} heed={heed} />
      ) : (
        <NewForm secret={secret} email={email} heed={heed} />
      )}
    </>
  );
}

type AddressProps = {
  readonly secret: string;
  /** By what they know the address that the school has; empty where it has none. */
  readonly known: string;
  readonly heed: Heed;
};

/** They came by text or letter: an e-mail shows that the address they sign in with is theirs. */
function AddressForm({ secret, known, heed }: AddressProps) {
  const { api } = useAccount();
  const text = useText();
  const sentTo = useSignal<string | null>(null);
  const form = useForm({
    initial: { email: "" },
    check: ({ email }) => (known === "" ? emailProblem(email, text) : {}),
    send: ({ email }) =>
      heed(api.sendTo(known === "" ? { secret, email: email.trim() } : { secret })),
    done: (_: unknown, { email }) => {
      sentTo.value = known === "" ? email.trim() : known;
    },
  });
  if (sentTo.value !== null) {
    return (
      <div class="note" role="status">
        <p>{text("register_address_done", { email: sentTo.value })}</p>
        <p>{text("lost_link_nothing")}</p>
        {known === "" && (
          <button
            type="button"
            class="secondary"
            onClick={() => {
              sentTo.value = null;
            }}
          >
            {text("lost_link_other")}
          </button>
        )}
      </div>
    );
  }
  return (
    <>
      <p>
        {known === ""
          ? text("register_address_text")
          : text("register_address_known", { email: known })}
      </p>
      <FormView form={form} action={text("register_address_action")}>
        {known === "" && <EmailField form={form} autocomplete="email" />}
      </FormView>
    </>
  );
}

type FormProps = Pick<Props, "secret" | "heed"> & { readonly email: string };

function NewForm({ secret, email, heed }: FormProps) {
  const { api } = useAccount();
  const text = useText();
  const form = useForm({
    initial: { password: "" },
    check: (values) => passwordProblem(values, text),
    send: ({ password }) => heed(api.register(secret, password)),
    done: () => location.assign("/account"),
  });
  return (
    <>
      <p>{text("register_email", { email })}</p>
      <FormView form={form} action={text("register_action")}>
        <NewPasswordField form={form} />
      </FormView>
    </>
  );
}

/** They have an account already, by another record: its password adds these students. */
function KnownForm({ secret, email, heed }: FormProps) {
  const { api } = useAccount();
  const text = useText();
  const form = useForm({
    initial: { password: "" },
    check: (typed) => passwordMissing(typed, text),
    send: ({ password }) => byPassword(heed(api.register(secret, password)), text),
    done: () => location.assign("/account"),
  });
  return (
    <>
      <p>{text("register_known", { email })}</p>
      <FormView form={form} action={text("register_known_action")}>
        <PasswordField form={form} />
      </FormView>
      <LostPassword email={email} action={text("account_lost_action")}>
        <p>{text("register_known_forgotten")}</p>
      </LostPassword>
      <p>
        <a href="/account">{text("account_sign_in")}</a>
      </p>
    </>
  );
}
