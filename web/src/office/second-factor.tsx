// A second step at sign-in (OPS-7): set up with an authenticator app, with recovery codes for whoever loses
// it, and taken back.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Answer } from "../http/ask";
import { useAct } from "../parts/act";
import { BusyButton, FormView, useForm } from "../parts/form";
import { Loaded, useResource } from "../parts/resource";
import { CodeField, fieldOfStep } from "../parts/second-step";
import { TextField } from "../parts/text-field";
import { useLanguage, useText } from "../text/context";
import type { Text } from "../text/text";
import { timesIn } from "../text/times";
import type { NewSecondFactor, RecoveryCodes, ShownSecondFactor } from "../wire/messages";
import { useOffice } from "./office";
import { QrCode } from "./qr";

/** What is being done. */
type Doing = "nothing" | "new-codes" | "turn-off";

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
          {({ since, codes_left: left }) =>
            since === undefined ? (
              <Off take={take} reload={reload} goOn={goOn} />
            ) : (
              <On since={since} left={left} take={take} reload={reload} goOn={goOn} />
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
  readonly take: (codes: RecoveryCodes) => Promise<void>;
  /** Looks again how it stands. */
  readonly reload: () => Promise<void>;
  readonly goOn: () => void;
};

function Off({ take, reload, goOn }: Take) {
  const { api } = useOffice();
  const text = useText();
  const made = useSignal<NewSecondFactor | null>(null);
  const act = useAct(() => api.newSecondFactor());
  if (made.value !== null) {
    return <SetUp made={made.value} take={take} reload={reload} />;
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
      </div>
      {act.problem !== null && (
        <p class="problem" role="alert">
          {act.problem}
        </p>
      )}
    </>
  );
}

type SetUpProps = Omit<Take, "goOn"> & { readonly made: NewSecondFactor };

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
          const answer = await api.addSecondFactor({ ...shown, secret: made.secret });
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

type OnProps = Take & {
  readonly since: string;
  readonly left: number;
};

function On({ since, left, take, reload, goOn }: OnProps) {
  const { api } = useOffice();
  const { locale, text } = useLanguage();
  const doing = useSignal<Doing>("nothing");
  const begin = (what: Doing) => () => {
    doing.value = what;
    goOn();
  };
  const back = (
    <button type="button" class="link" onClick={begin("nothing")}>
      {text("go_back")}
    </button>
  );
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <>
      <p>{text("second_factor_on", { since: timesIn(locale, zone).stamp(since), count: left })}</p>
      {doing.value === "nothing" && (
        <div class="actions">
          <button type="button" class="secondary" onClick={begin("new-codes")}>
            {text("second_factor_new_codes")}
          </button>
          <button type="button" class="secondary" onClick={begin("turn-off")}>
            {text("second_factor_turn_off")}
          </button>
        </div>
      )}
      {doing.value === "new-codes" && (
        <>
          <p>{text("second_factor_new_codes_text")}</p>
          <Shows
            action={text("second_factor_new_codes")}
            hint={text("second_step_hint")}
            send={api.renewRecoveryCodes}
            done={take}
            beside={back}
          />
        </>
      )}
      {doing.value === "turn-off" && (
        <>
          <p>{text("second_factor_turn_off_text")}</p>
          <Shows
            action={text("second_factor_turn_off")}
            hint={text("second_step_hint")}
            send={api.removeSecondFactor}
            done={reload}
            beside={back}
          />
        </>
      )}
    </>
  );
}

type ShowsProps<T> = {
  readonly action: string;
  readonly hint: string;
  readonly send: (shown: ShownSecondFactor) => Promise<Answer<T>>;
  readonly done: (body: T) => Promise<void>;
  readonly beside?: ComponentChildren;
};

/** Whoever changes how they sign in shows their password and a code: an open page is not enough. */
function Shows<T>({ action, hint, send, done, beside }: ShowsProps<T>) {
  const text = useText();
  const form = useForm<ShownSecondFactor, T>({
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
      <CodeField form={form} hint={hint} />
    </FormView>
  );
}

function missing({ password, code }: ShownSecondFactor, text: Text) {
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
