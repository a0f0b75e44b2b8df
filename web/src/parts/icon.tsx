// The icons, drawn for Homeroom on a grid of 24.

const PATHS = {
  microphone:
    "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11v1a6 6 0 0 0 12 0v-1M12 18v3",
  camera: "M3 7h11a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1zM15 11l6-3v8l-6-3",
  screen: "M3 5h18v11H3zM9 20h6M12 16v4M12 13V8M9.5 10.5 12 8l2.5 2.5",
  settings: "M4 7h10M18 7h2M4 12h3M11 12h9M4 17h8M16 17h4M16 5v4M9 10v4M14 15v4",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  more: "M4.5 12h1M11.5 12h1M18.5 12h1",
  leave: "M3 14c5-5 13-5 18 0l-3 2-3-2v-2c-2-.7-4-.7-6 0v2l-3 2z",
} as const;

export type IconName = keyof typeof PATHS;

/** Beside words, which say the same: hidden from a screen reader. `off` strikes it through. */
export function Icon({ name, off = false }: { readonly name: IconName; readonly off?: boolean }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
      {off && <path class="strike" d="M4 3l16 18" />}
    </svg>
  );
}
