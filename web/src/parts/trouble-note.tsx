// What is wrong with camera and microphone, and what to do about it. Few need it: it comes later.

import { texts } from "virtual:texts-of-trouble";
import { useApp } from "../app";
import { browserOf, systemOf, type Trouble } from "../media/trouble";
import { addTexts, type Text, type TextKey } from "../text/text";
import { CopyLink } from "./copy-link";

addTexts(texts);

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
  const help = helpOf(troubles, text);
  if (camera === microphone && (camera === "denied" || camera === "system")) {
    return [text(`trouble_${camera}_both`), ...help];
  }
  const each = [
    camera && text(keyOf("camera", camera)),
    microphone && text(keyOf("microphone", microphone)),
  ].filter((line) => line !== undefined);
  return [...each, ...help];
}

/** How what is denied is allowed, in this browser and on this system. */
function helpOf({ camera, microphone }: Troubles, text: Text): string[] {
  const isDenied = (by: Trouble) => camera === by || microphone === by;
  const { userAgent } = navigator;
  return [
    isDenied("denied") ? text(`allow_${browserOf(userAgent)}`) : "",
    isDenied("system") ? text(`allow_system_${systemOf(userAgent)}`) : "",
  ].filter((line) => line !== "");
}

function keyOf(device: Device, trouble: Trouble): TextKey {
  return trouble === "insecure" || trouble === "webview"
    ? `trouble_${trouble}`
    : `trouble_${trouble}_${device}`;
}
