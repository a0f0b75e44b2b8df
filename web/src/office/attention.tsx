// What waits for the office, wherever it looks: decisions, e-mail that cannot be sent, and what others
// miss.

import { GoTo } from "../parts/go-to";
import { useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { Attention } from "../wire/messages";
import { useMay } from "./may";
import { useOffice } from "./office";

const LOOK_EVERY_MS = 30_000;

/** Nothing waits for whoever does not do the school's work. */
const NOTHING = { type: "given", body: null } as const;

export function useAttention(): Attention | null {
  const { api } = useOffice();
  const waits = useMay()("run");
  const load = () => (waits ? api.attention() : Promise.resolve(NOTHING));
  return useResource<Attention | null>(load, [api, waits], LOOK_EVERY_MS).value;
}

export function MailTrouble({ attention }: { readonly attention: Attention | null }) {
  if (attention === null) {
    return null;
  }
  return (
    <>
      <Undelivered count={attention.undelivered} />
      <MailWaits attention={attention} />
    </>
  );
}

/** Invitations to register that reached nobody: their page has the ways on. */
function Undelivered({ count }: { readonly count: number }) {
  const text = useText();
  return count === 0 ? null : (
    <div class="note" role="status">
      <p>{text("registrations_not_delivered", { count })}</p>
      <p>
        <GoTo to="invitations">{text("office_registrations")}</GoTo>
      </p>
    </div>
  );
}

function MailWaits({ attention }: { readonly attention: Attention }) {
  const text = useText();
  if (attention.mail_waiting === 0) {
    return null;
  }
  const { mail_waiting: count, mail_reason: reason } = attention;
  return (
    <div class="note" role="status">
      <p>{text("attention_mail", { count })}</p>
      <p>{reason}</p>
    </div>
  );
}

/** Until somebody can be asked for help, every page says so to whoever can change that. */
export function ContactMissing() {
  const text = useText();
  return (
    <div class="note">
      <p>{text("attention_contact")}</p>
      <p>
        <GoTo to="settings">{text("attention_contact_enter")}</GoTo>
      </p>
    </div>
  );
}
