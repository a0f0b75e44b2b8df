// Help, in the same place on every page: the school's own contact (OPS-6).

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { useText } from "../text/context";
import type { Contact } from "../wire/messages";
import { Guide } from "./guide";

/** Whom a reader may ask: nothing is known of it yet, or the school has named nobody. */
export type Helper = Contact | "unnamed" | null;

export const HelpContext = createContext<Helper>(null);

/** What the server told of the school's contact. */
export function helperOf(contact: Contact | undefined): Helper {
  return contact === undefined || (contact.email === "" && contact.phone === "")
    ? "unnamed"
    : contact;
}

export function Help() {
  const text = useText();
  const helper = useContext(HelpContext);
  if (helper === null) {
    return null;
  }
  return (
    <footer class="help">
      {helper === "unnamed" ? <p>{text("help_unnamed")}</p> : <Contacts contact={helper} />}
      <Guide />
    </footer>
  );
}

function Contacts({ contact: { email, phone } }: { readonly contact: Contact }) {
  const text = useText();
  const to = email === "" ? `tel:${phone.replace(/[^\d+]/g, "")}` : `mailto:${email}`;
  return (
    <>
      <p>
        {text("help_still")}{" "}
        <a href={to} data-address={email}>
          {text("help_contact")}
        </a>
      </p>
      {phone !== "" && <p class="hint">{text("help_phone", { phone })}</p>}
    </>
  );
}
