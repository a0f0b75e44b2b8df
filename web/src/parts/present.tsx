// Who is in a call, or waits for it.

import { useText } from "../text/context";
import type { Present } from "../wire/messages";

export function PresentList({ present }: { readonly present: readonly Present[] }) {
  const text = useText();
  if (present.length === 0) {
    return null;
  }
  return (
    <ul class="present">
      {present.map(({ name, role, state }) => (
        <li key={`${role} ${name}`}>
          {name} <span class="role">{text(`role_${role}`)}</span>{" "}
          <span class={state === "seated" ? "tag good" : "tag"}>{text(`presence_${state}`)}</span>
        </li>
      ))}
    </ul>
  );
}
