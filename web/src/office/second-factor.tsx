// A second step at sign-in (OPS-7): set up with an authenticator app, with recovery codes for whoever loses
// it, and taken back.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
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
  const codes = useSignal<readonly string[] | null>(null);
  const take = async (given: RecoveryCodes) => {
    codes.value = given.codes;
    await standing.reload();
  };
  return (
    <section class="section" aria-labelledby="second-factor">
      <h2 id="second-factor">{text("second_factor_title")}</h2>
      {codes.value === null ? (
        <Loaded of={standing}>
          {({ since, codes_left: left }) =>
            since === undefined ? (
              <Off take={take} />
            ) : (
              <On since={since} left={left} take={take} reload={standing.reload} />
            )
          }
        </Loaded>
      ) : (
        <Codes
          codes={codes.value}
          onKept={() => {
            codes.value = null;
          }}
        />
      )}
    </section>
  );
}

type Take = { readonly take: (codes: RecoveryCodes) => Promise<void> };

function Off({ take }: Take) {
  const { api } = useOffice();
  const text = useText();
  const made = useSignal<NewSecondFactor | null>(null);
  const act = useAct(() => api.newSecondFactor());
  if (made.value !== null) {
    return <SetUp made={made.value} take={take} />;
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

/** Nothing stands until the app has shown a code that is right. */
function SetUp({ made, take }: Take & { readonly made: NewSecondFactor }) {
  const { api } = useOffice();
  const text = useText();
  return (
    <>
      <p>{text("second_factor_scan")}</p>
      <QrCode of={made.address} label={text("second_factor_qr")} />
      <p>{text("second_factor_typed")}</p>
      <p class="address">{inFours(made.secret)}</p>
      <Shows
        action={text("second_factor_turn_on")}
        hint={text("second_factor_code_hint")}
        send={(shown) => api.addSecondFactor({ ...shown, secret: made.secret })}
        done={take}
      />
    </>
  );
}

type OnProps = Take & {
  readonly since: string;
  readonly left: number;
  readonly reload: () => Promise<void>;
};

function On({ since, left, take, reload }: OnProps) {
  const { api } = useOffice();
  const { locale, text } = useLanguage();
  const doing = useSignal<Doing>("nothing");
  const begin = (what: Doing) => () => {
    doing.value = what;
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
  const text = useText();
  return (
    <div class="note" role="status">
      <h3>{text("second_factor_codes")}</h3>
      <p>{text("second_factor_codes_text")}</p>
      <ul class="codes">
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
