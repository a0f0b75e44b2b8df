// Whose link it is: whoever else has it open reads where their own is (SESS-6).

import { useText } from "../text/context";
import type { LinkView } from "../wire/messages";

export function Whose({ view: { name, role, room } }: { readonly view: LinkView }) {
  const text = useText();
  return (
    <>
      <p>{text("join_greeting", { name, role: text(`role_${role}`) })}</p>
      {room === undefined && <p class="hint">{text("join_not_you", { name })}</p>}
    </>
  );
}
