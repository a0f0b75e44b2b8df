// Help, in the same place on every page: the school's own contact (OPS-6).

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { useText } from "../text/context";
import type { Contact } from "../wire/messages";

export const HelpContext = createContext<Contact | null>(null);

export function Help() {
  const text = useText();
  const contact = useContext(HelpContext);
  if (contact === null || (contact.email === "" && contact.phone === "")) {
    return null;
  }
  const { email, phone } = contact;
  const to = email === "" ? `tel:${phone.replace(/[^\d+]/g, "")}` : `mailto:${email}`;
  return (
    <footer class="help">
      <p>
        {text("help_still")}{" "}
        <a href={to} data-address={email}>
          {text("help_contact")}
        </a>
      </p>
      {phone !== "" && <p class="hint">{text("help_phone", { phone })}</p>}
    </footer>
  );
}
