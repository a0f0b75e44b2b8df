// A short guide for whoever reads the page, behind a line that opens it (OPS-6).

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { useText } from "../text/context";
import type { TextKey } from "../text/text";
import type { Role } from "../wire/messages";

/** The lines of the guide that stands on the page, if any does. */
export const GuideContext = createContext<readonly TextKey[] | null>(null);

const LINES: Readonly<Record<Role, readonly TextKey[]>> = {
  parent: ["guide_book", "guide_invite", "guide_check", "guide_wait", "guide_next"],
  guest: ["guide_check", "guide_wait", "guide_next"],
  teacher: ["guide_check", "guide_teacher"],
  member: ["guide_check", "guide_wait", "guide_member"],
  unknown: ["guide_check", "guide_wait"],
};

/** For whoever has come by a link. */
export function guideOf(role: Role): readonly TextKey[] {
  return ["guide_open", ...LINES[role], "guide_trouble"];
}

/** For whoever comes by an account. */
export const GUIDE_OF_ACCOUNTS: readonly TextKey[] = [
  "guide_account",
  ...LINES.parent,
  "guide_trouble",
];

export function Guide() {
  const lines = useContext(GuideContext);
  const text = useText();
  return lines === null ? null : (
    <details class="guide">
      <summary>{text("guide_title")}</summary>
      <ol>
        {lines.map((key) => (
          <li key={key}>{text(key)}</li>
        ))}
      </ol>
    </details>
  );
}
