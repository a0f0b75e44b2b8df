// Devices and keys, in a dialogue over the call.

import { useApp } from "../app";
import { DeviceChoice } from "./device-choice";
import { useDialog } from "./dialog";
import { Help } from "./help";
import { LanguageChoice } from "./language-choice";
import { LayoutChoice } from "./layout";
import { LevelMeter } from "./level-meter";
import { SHORTCUTS } from "./shortcuts";
import { TroubleWhenHere } from "./trouble-later";

export function Settings({ onClose }: { readonly onClose: () => void }) {
  const { text } = useApp();
  const dialog = useDialog(onClose);
  return (
    <dialog {...dialog} class="settings" aria-labelledby="settings-title">
      <h2 id="settings-title">{text("settings_title")}</h2>
      <TroubleWhenHere inCall />
      <DeviceChoice />
      <LevelMeter />
      <LayoutChoice onDone={dialog.onClose} />
      <Keys />
      <LanguageChoice />
      <Help />
      <button type="button" class="primary" onClick={dialog.onClose}>
        {text("settings_close")}
      </button>
    </dialog>
  );
}

function Keys() {
  const { shortcuts, text } = useApp();
  return (
    <section aria-labelledby="keys-title">
      <h3 id="keys-title">{text("settings_keys_title")}</h3>
      <dl class="keys">
        {SHORTCUTS.map(({ key, label }) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text(label)}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={shortcuts.value}
          onChange={({ currentTarget }) => {
            shortcuts.value = currentTarget.checked;
          }}
        />
        {text("settings_keys_on")}
      </label>
    </section>
  );
}
