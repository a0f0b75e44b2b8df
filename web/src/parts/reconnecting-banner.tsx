// That the connection is being made again.

import { useApp } from "../app";

export function ReconnectingBanner({ shown }: { readonly shown: boolean }) {
  const { text } = useApp();
  return shown ? <p class="banner reconnecting">{text("call_reconnecting")}</p> : null;
}
