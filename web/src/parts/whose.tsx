// Whose link it is: whoever else has an evening's open reads where their own is (SESS-6). Callers, members
// and a room's guests were sent none.

import { useText } from "../text/context";
import type { LinkView } from "../wire/messages";

export function Whose({ view: { name, role, evening } }: { readonly view: LinkView }) {
  const text = useText();
  return (
    <>
      <p>{text("join_greeting", { name, role: text(`role_${role}`) })}</p>
      {evening !== undefined && <p class="hint">{text("join_not_you", { name })}</p>}
    </>
  );
}
