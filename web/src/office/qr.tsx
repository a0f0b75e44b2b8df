// A QR code that phones read off paper: black on white, with its quiet margin.

import { encode } from "uqr";

/** Four modules of white around it (ISO/IEC 18004 §9.1). */
const MARGIN = 4;

type Props = { readonly of: string; readonly label: string };

export function QrCode({ of, label }: Props) {
  const { size, data } = encode(of, { ecc: "M", border: MARGIN });
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
    >
      <path d={`M0 0h${size}v${size}h${-size}z`} fill="#ffffff" />
      <path d={modules(data)} fill="#000000" />
    </svg>
  );
}

/** The black modules, one square each. */
function modules(data: readonly (readonly boolean[])[]): string {
  return data
    .flatMap((row, y) => row.map((black, x) => (black ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
}
