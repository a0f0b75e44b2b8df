// A second step at sign-in (OPS-7): an authenticator app, passkeys, or both, with recovery codes for whoever loses
// them, and taken back.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Answer } from "../http/ask";
import { knowsPasskeys } from "../http/passkey";
import { useAct } from "../parts/act";
import { BusyButton, FormView, useForm } from "../parts/form";
import { UsePasskey } from "../parts/passkey";
import { Loaded, useResource } from "../parts/resource";
import { CodeField, fieldOfStep } from "../parts/second-step";
import { TextField } from "../parts/text-field";
import { useLanguage, useText } from "../text/context";
import type { Text } from "../text/text";
import { timesIn } from "../text/times";
import type {
  NewSecondFactor,
  Passkey,
  RecoveryCodes,
  SecondFactor,
  ShownSecondFactor,
} from "../wire/messages";
import { useOffice } from "./office";
import { AddPasskey, canAddPasskey, PasskeyList } from "./passkeys";
import { QrCode } from "./qr";

/** What is being done. */
type Doing = "nothing" | "new-codes" | "turn-off" | "add-app" | "add-passkey" | Passkey;

export function SecondFactorSection() {
  const { api } = useOffice();
  const text = useText();
  const standing = useResource(() => api.secondFactor(), [api]);
  const offer = useResource(() => api.openid(), [api]);
  const codes = useSignal<readonly string[] | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // What was pressed is gone: whoever reads by ear or goes by keyboard goes on from here.
  const goOn = () => heading.current?.focus();
  const reload = async () => {
    await standing.reload();
    goOn();
  };
  const take = async (given: RecoveryCodes) => {
    if (given.codes.length === 0) {
      // It stands beside others, whose codes are good still.
      await reload();
      return;
    }
    codes.value = given.codes;
    await standing.reload();
  };
  if (offer.value?.only === true && standing.value?.since === undefined) {
    // No password opens that it could stand beside.
    return null;
  }
  return (
    <section class="section" aria-labelledby="second-factor">
      <h2 id="second-factor" ref={heading} tabIndex={-1}>
        {text("second_factor_title")}
      </h2>
      {codes.value === null ? (
        <Loaded of={standing}>
          {(now) =>
            now.since === undefined ? (
              <Off now={now} take={take} reload={reload} goOn={goOn} />
            ) : (
              <On now={now} since={now.since} take={take} reload={reload} goOn={goOn} />
            )
          }
        </Loaded>
      ) : (
        <Codes
          codes={codes.value}
          onKept={() => {
            codes.value = null;
            goOn();
          }}
        />
      )}
    </section>
  );
}

type Take = {
  /** How it stands. */
  readonly now: SecondFactor;
  readonly take: (codes: RecoveryCodes) => Promise<void>;
  /** Looks again how it stands. */
  readonly reload: () => Promise<void>;
  readonly goOn: () => void;
};

function Off({ now, take, reload, goOn }: Take) {
  const { api } = useOffice();
  const text = useText();
  const made = useSignal<NewSecondFactor | null>(null);
  const adds = useSignal(false);
  const act = useAct(() => api.newSecondFactor());
  const add = (does: boolean) => () => {
    adds.value = does;
    goOn();
  };
  if (made.value !== null) {
    return <SetUp made={made.value} take={take} reload={reload} />;
  }
  if (adds.value) {
    return <AddPasskey take={take} onBack={add(false)} />;
  }
  return (
    <>
      <p>{text("second_factor_off")}</p>
      <div class="actions">
        <BusyButton
          kind="secondary"
          busy={act.busy}
          onPress={() =>
            void act.run((answer) => {
              made.value = answer;
              goOn();
            })
          }
        >
          {text("second_factor_begin")}
        </BusyButton>
        {canAddPasskey(now) && (
          <button type="button" class="secondary" onClick={add(true)}>
            {text("passkey_add")}
          </button>
        )}
      </div>
      {act.problem !== null && (
        <p class="problem" role="alert">
          {act.problem}
        </p>
      )}
    </>
  );
}

type SetUpProps = Pick<Take, "take" | "reload"> & { readonly made: NewSecondFactor };

/** Nothing stands until the app has shown a code that is right. */
function SetUp({ made, take, reload }: SetUpProps) {
  const { api } = useOffice();
  const text = useText();
  return (
    <>
      <p>{text("second_factor_scan")}</p>
      <QrCode of={made.address} label={text("second_factor_qr")} />
      <p>
        <a href={made.address}>{text("second_factor_here")}</a>
      </p>
      <p>{text("second_factor_typed")}</p>
      <p class="address" dir="ltr">
        {inFours(made.secret)}
      </p>
      <Shows
        action={text("second_factor_turn_on")}
        hint={text("second_factor_code_hint")}
        send={async (shown) => {
          const { password, code = "" } = shown;
          const answer = await api.addSecondFactor({ password, code, secret: made.secret });
          if (answer.type === "refused" && answer.problem.code === "changed_meanwhile") {
            // Another page has set one up: that one stands.
            await reload();
          }
          return answer;
        }}
        done={take}
      />
    </>
  );
}

type OnProps = Take & { readonly since: string };

function On({ now, since, take, reload, goOn }: OnProps) {
  const { locale, text } = useLanguage();
  const doing = useSignal<Doing>("nothing");
  const begin = (what: Doing) => {
    doing.value = what;
    goOn();
  };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const what = doing.value;
  return (
    <>
      <p>
        {text("second_factor_on", {
          since: timesIn(locale, zone).stamp(since),
          count: now.codes_left,
        })}
      </p>
      {what === "nothing" ? (
        <>
          {now.passkeys.length > 0 && <PasskeyList passkeys={now.passkeys} onRemove={begin} />}
          <Choices now={now} begin={begin} />
        </>
      ) : (
        <Does
          what={what}
          now={now}
          take={async (codes) => {
            doing.value = "nothing";
            await take(codes);
          }}
          reload={async () => {
            doing.value = "nothing";
            await reload();
          }}
          goOn={() => begin("nothing")}
        />
      )}
    </>
  );
}

type ChoicesProps = Pick<Take, "now"> & { readonly begin: (what: Doing) => void };

function Choices({ now, begin }: ChoicesProps) {
  const text = useText();
  const all = [
    ...(canAddPasskey(now) ? (["add-passkey"] as const) : []),
    ...(now.app ? [] : (["add-app"] as const)),
    "new-codes" as const,
    "turn-off" as const,
  ];
  const words = {
    "add-passkey": text("passkey_add"),
    "add-app": text("passkey_app"),
    "new-codes": text("second_factor_new_codes"),
    "turn-off": text("second_factor_turn_off"),
  };
  return (
    <div class="actions">
      {all.map((what) => (
        <button key={what} type="button" class="secondary" onClick={() => begin(what)}>
          {words[what]}
        </button>
      ))}
    </div>
  );
}

type DoesProps = Take & { readonly what: Exclude<Doing, "nothing"> };

function Does({ what, now, take, reload, goOn }: DoesProps) {
  const { api } = useOffice();
  const text = useText();
  const back = (
    <button type="button" class="link" onClick={goOn}>
      {text("go_back")}
    </button>
  );
  const common = { hint: text("second_step_hint"), beside: back, passkeys: now.passkeys };
  switch (what) {
    case "add-passkey":
      return <AddPasskey take={take} onBack={goOn} />;
    case "add-app":
      return <AddApp take={take} reload={reload} back={back} />;
    case "new-codes":
      return (
        <>
          <p>{text("second_factor_new_codes_text")}</p>
          <Shows
            {...common}
            action={text("second_factor_new_codes")}
            send={api.renewRecoveryCodes}
            done={take}
          />
        </>
      );
    case "turn-off":
      return (
        <>
          <p>
            {text("second_factor_turn_off_text")}
            {now.passkeys.length > 0 && ` ${text("passkey_turn_off")}`}
          </p>
          <Shows
            {...common}
            action={text("second_factor_turn_off")}
            send={api.removeSecondFactor}
            done={reload}
          />
        </>
      );
    default:
      return (
        <>
          <p>
            {text("passkey_remove_text", { name: what.name })}
            {!now.app && now.passkeys.length === 1 && ` ${text("passkey_remove_last")}`}
          </p>
          <Shows
            {...common}
            action={text("passkey_remove_action")}
            send={(shown) => api.removePasskey(what.id, shown)}
            done={reload}
          />
        </>
      );
  }
}

type AddAppProps = Pick<Take, "take" | "reload"> & { readonly back: ComponentChildren };

/** An app beside the passkeys that are there. */
function AddApp({ take, reload, back }: AddAppProps) {
  const { api } = useOffice();
  const made = useResource(() => api.newSecondFactor(), [api]);
  return (
    <>
      <Loaded of={made}>{(one) => <SetUp made={one} take={take} reload={reload} />}</Loaded>
      <p>{back}</p>
    </>
  );
}

type ShowsProps<T> = {
  readonly action: string;
  readonly hint: string;
  readonly send: (shown: ShownSecondFactor) => Promise<Answer<T>>;
  readonly done: (body: T) => Promise<void>;
  readonly beside?: ComponentChildren;
  /** Those of which one may be shown in the place of a code. */
  readonly passkeys?: readonly Passkey[];
};

type Typed = { readonly password: string; readonly code: string };

/** Whoever changes how they sign in shows their password and a code, or a passkey: an open page is not enough. */
function Shows<T>({ action, hint, send, done, beside, passkeys = [] }: ShowsProps<T>) {
  const { api } = useOffice();
  const text = useText();
  const form = useForm<Typed, T>({
    initial: { password: "", code: "" },
    check: (values) => missing(values, text),
    send: ({ password, code }) => send({ password, code: code.trim() }),
    done,
    fieldOf: fieldOfStep,
  });
  return (
    <FormView form={form} action={action} beside={beside}>
      <TextField
        form={form}
        name="password"
        type="password"
        label={text("sign_in_password")}
        autocomplete="current-password"
      />
      {passkeys.length > 0 && knowsPasskeys() && (
        <UsePasskey
          kind="secondary"
          before={() => (form.values.password === "" ? text("sign_in_password_missing") : null)}
          ask={api.askOwnPasskey}
          send={(passkey) => send({ password: form.values.password, passkey })}
          done={done}
        />
      )}
      <CodeField form={form} hint={hint} />
    </FormView>
  );
}

function missing({ password, code }: Typed, text: Text) {
  return {
    ...(password === "" ? { password: text("sign_in_password_missing") } : {}),
    ...(code.trim() === "" ? { code: text("second_step_missing") } : {}),
  };
}

type CodesProps = { readonly codes: readonly string[]; readonly onKept: () => void };

function Codes({ codes, onKept }: CodesProps) {
  const { session } = useOffice();
  const text = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    // They are not shown again: the browser asks before they are gone.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
  const now = session.value;
  return (
    <div class="note">
      <h3 ref={heading} tabIndex={-1}>
        {text("second_factor_codes")}
      </h3>
      {now.type === "somebody" && (
        <p>
          {location.host}, {now.staff.email}
        </p>
      )}
      <p>{text("second_factor_codes_text")}</p>
      <ul class="codes" dir="ltr">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div class="actions">
        <button type="button" class="secondary" onClick={() => print()}>
          {text("second_factor_print")}
        </button>
        <button type="button" class="primary" onClick={onKept}>
          {text("second_factor_kept")}
        </button>
      </div>
    </div>
  );
}

/** As it is typed: four at a time. */
function inFours(secret: string): string {
  return secret.replace(/.{4}(?=.)/g, "$& ");
}
