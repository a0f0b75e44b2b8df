// What is wrong with camera and microphone, and what to do about it.

import { useApp } from "../app";
import { browserOf, type Trouble } from "../media/trouble";
import type { Text, TextKey } from "../text/text";
import { CopyLink } from "./copy-link";

type Device = "camera" | "microphone";

export function TroubleNote({ inCall = false }: { readonly inCall?: boolean }) {
  const { local, text } = useApp();
  const lines = linesOf(local.trouble.value, text);
  if (lines.length === 0) {
    return null;
  }
  return (
    <div class="note warning">
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {isWebview(local.trouble.value) && <CopyLink />}
      {!inCall && <p>{text("media_join_anyway")}</p>}
      <button type="button" class="secondary" onClick={() => local.retry()}>
        {text("media_try_again")}
      </button>
    </div>
  );
}

type Troubles = { readonly [device in Device]?: Trouble };

/** Another app shows the page in a view of its own, which has no devices. */
function isWebview({ camera, microphone }: Troubles): boolean {
  return camera === "webview" || microphone === "webview";
}

function linesOf(troubles: Troubles, text: Text): string[] {
  const { camera, microphone } = troubles;
  if (isWebview(troubles)) {
    return [text("trouble_webview")];
  }
  if (camera === "insecure" || microphone === "insecure") {
    return [text("trouble_insecure")];
  }
  const denied = camera === "denied" || microphone === "denied";
  const help = denied ? [text(`allow_${browserOf(navigator.userAgent)}`)] : [];
  if (camera === "denied" && microphone === "denied") {
    return [text("trouble_denied_both"), ...help];
  }
  const each = [
    camera && text(keyOf("camera", camera)),
    microphone && text(keyOf("microphone", microphone)),
  ].filter((line) => line !== undefined);
  return [...each, ...help];
}

function keyOf(device: Device, trouble: Trouble): TextKey {
  return trouble === "insecure" || trouble === "webview"
    ? `trouble_${trouble}`
    : `trouble_${trouble}_${device}`;
}
