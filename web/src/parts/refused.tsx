// Why something small could not be told to the server.

import { useText } from "../text/context";
import { wordsOf } from "../text/refusals";
import type { Failed } from "./say";

export function Refused({ failed }: { readonly failed: Failed | null }) {
  const text = useText();
  return failed === null ? null : (
    <p class="problem" role="alert">
      {failed === "unreachable" ? text("refusal_unreachable") : wordsOf(failed, text)}
    </p>
  );
}
