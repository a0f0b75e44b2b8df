// Over the page, so that nothing on it moves.

import { useApp } from "../app";

export function ReconnectingBanner({ shown }: { readonly shown: boolean }) {
  const { text } = useApp();
  return shown ? <p class="banner reconnecting">{text("call_reconnecting")}</p> : null;
}
