// A guest who was invited to a call: how it stands with them, and what can be done.

import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { newAttempt } from "../http/ask";
import type { GuestsApi } from "../http/guests";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { CopyField } from "../parts/copy-field";
import { Email } from "../parts/email";
import { BusyButton } from "../parts/form";
import { InvitationTag } from "../parts/invitation-tag";
import { useText } from "../text/context";
import type { CallGuest as Invited } from "../wire/messages";

type Props = {
  readonly guest: Invited;
  readonly api: GuestsApi;
  /** Looks who is invited. */
  readonly look: () => Promise<void>;
  /** Says what was done. */
  readonly tell: (words: string) => void;
  /** They were removed, and what was pressed with them. */
  readonly onGone: () => void;
};

export function CallGuest({ guest, api, look, tell, onGone }: Props) {
  const text = useText();
  const heading = useId();
  const removing = useSignal(false);
  // The same until it was written: a press whose answer was lost writes nothing more.
  const attempt = useRef<string | null>(null);
  const resend = useAct(() => {
    attempt.current ??= newAttempt();
    return api.resend(guest.id, attempt.current);
  });
  const { email, mobile, state, url } = guest;
  const where = email ?? mobile;
  const name = guest.name ?? where ?? text("role_guest");
  const done = (words: string) => {
    tell(words);
    return look();
  };
  return (
    <li>
      <h4 id={heading}>{guest.name === undefined ? <Where {...guest} /> : <bdi>{name}</bdi>}</h4>
      {guest.name !== undefined && where !== undefined && (
        <p class="hint">
          <Where {...guest} />
        </p>
      )}
      <p>
        <InvitationTag state={state} />
      </p>
      {state === "bounced" && (
        <p class="problem" role="alert">
          {text(mobile === undefined ? "invites_bounced_hint" : "guest_invite_bounced_text")}
        </p>
      )}
      {url !== undefined && state !== "joined" && (
        <CopyField url={url} label={text("guest_invite_own")} />
      )}
      {resend.problem !== null && (
        <p class="problem" role="alert">
          {resend.problem}
        </p>
      )}
      <div class="actions">
        {where !== undefined && (
          <BusyButton
            kind="secondary"
            busy={resend.busy}
            describedBy={heading}
            onPress={() => {
              tell("");
              void resend.run(() => {
                attempt.current = null;
                return done(text("invites_resent", { name }));
              });
            }}
          >
            {text("invites_resend")}
          </BusyButton>
        )}
        <button
          type="button"
          class="secondary"
          aria-describedby={heading}
          onClick={() => {
            tell("");
            removing.value = true;
          }}
        >
          {text("invites_remove")}
        </button>
      </div>
      {removing.value && (
        <RemoveGuest
          name={name}
          work={() => api.remove(guest.id)}
          done={async () => {
            await done(text("invites_removed", { name }));
            onGone();
          }}
          onClose={() => {
            removing.value = false;
          }}
        />
      )}
    </li>
  );
}

/** Where they were written to. */
function Where({ email, mobile }: Pick<Invited, "email" | "mobile">) {
  const text = useText();
  if (email !== undefined) {
    return (
      <bdi>
        <Email address={email} />
      </bdi>
    );
  }
  return mobile === undefined ? <bdi>{text("role_guest")}</bdi> : <bdi dir="ltr">{mobile}</bdi>;
}

type RemoveProps = {
  readonly name: string;
  readonly work: () => ReturnType<GuestsApi["remove"]>;
  readonly done: () => Promise<void>;
  readonly onClose: () => void;
};

function RemoveGuest({ name, work, done, onClose }: RemoveProps) {
  const text = useText();
  const act = useAct(work);
  return (
    <Confirm
      title={text("invites_remove_title", { name })}
      action={text("invites_remove_action")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() =>
        void act.run(async () => {
          onClose();
          await done();
        })
      }
    >
      <p>{text("invites_remove_text")}</p>
    </Confirm>
  );
}
