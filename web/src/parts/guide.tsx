// A short guide for whoever reads the page, behind a line that opens it (OPS-6).

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { useText } from "../text/context";
import type { TextKey } from "../text/text";
import type { Role } from "../wire/messages";

/** Whose guide stands on the page, if any. */
export const GuideContext = createContext<Role | null>(null);

const LINES: Readonly<Record<Role, readonly TextKey[]>> = {
  parent: ["guide_book", "guide_invite", "guide_check", "guide_wait", "guide_next"],
  guest: ["guide_check", "guide_wait", "guide_next"],
  teacher: ["guide_check", "guide_teacher"],
  member: ["guide_check", "guide_wait"],
  unknown: ["guide_check", "guide_wait"],
};

export function Guide() {
  const role = useContext(GuideContext);
  const text = useText();
  return role === null ? null : (
    <details class="guide">
      <summary>{text("guide_title")}</summary>
      <ol>
        {(["guide_open", ...LINES[role], "guide_trouble"] as const).map((key) => (
          <li key={key}>{text(key)}</li>
        ))}
      </ol>
    </details>
  );
}
