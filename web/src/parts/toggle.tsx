// A button that is on or off. Its name stays; `aria-pressed` and the icon tell which.

import { Icon, type IconName } from "./icon";

type Props = {
  readonly icon: IconName;
  readonly label: string;
  readonly pressed: boolean;
  readonly onToggle: () => void;
  /** The key that does the same. */
  readonly shortcut?: string | undefined;
  readonly title?: string | undefined;
};

export function Toggle({ icon, label, pressed, onToggle, shortcut, title }: Props) {
  return (
    <button
      type="button"
      class="control"
      aria-pressed={pressed}
      aria-keyshortcuts={shortcut}
      title={title}
      onClick={onToggle}
    >
      <Icon name={icon} off={!pressed && icon !== "screen"} />
      <span>{label}</span>
    </button>
  );
}
