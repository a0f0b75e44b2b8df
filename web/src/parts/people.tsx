// "People": what may be done for each who is in the call, or knocks.

import { useApp } from "../app";
import type { Asked } from "../session/event";
import type { CallPhase } from "../session/state";
import type { Person } from "../wire/messages";
import { useDialog } from "./dialog";
import { Answers } from "./knocking";

type Props = { readonly phase: CallPhase; readonly onClose: () => void };

export function People({ phase, onClose }: Props) {
  const { text } = useApp();
  const dialog = useDialog(onClose);
  const { knocking, people, powers, you } = phase;
  return (
    <dialog {...dialog} class="settings people" aria-labelledby="people-title">
      <h2 id="people-title">{text("people_menu")}</h2>
      {knocking.length > 0 && (
        <section aria-labelledby="knock-title">
          <h3 id="knock-title">{text("knock_title")}</h3>
          <Answers knocking={knocking} />
        </section>
      )}
      <ul class="answers">
        {people.map((person) => (
          <li key={person.participant}>
            <p>
              <bdi>{person.name}</bdi> <span class="role">{text(`role_${person.role}`)}</span>
              {person.on_hold === true && <span class="role">{text("call_person_on_hold")}</span>}
            </p>
            {person.participant !== you && (
              <Doings person={person} mayMute={powers.includes("mute")} />
            )}
          </li>
        ))}
      </ul>
      <button type="button" class="primary" onClick={dialog.onClose}>
        {text("settings_close")}
      </button>
    </dialog>
  );
}

function Doings({ person, mayMute }: { readonly person: Person; readonly mayMute: boolean }) {
  const { report, text } = useApp();
  const { name, participant } = person;
  const isHeld = person.on_hold === true;
  const ask = (message: Asked) => () => report({ type: "asked", message });
  return (
    <div class="doings">
      {mayMute && person.sends.microphone && (
        <button type="button" class="secondary" onClick={ask({ type: "mute", participant })}>
          {text("call_mute", { name })}
        </button>
      )}
      {person.may_hold === true && (
        <button
          type="button"
          class="secondary"
          onClick={ask({ type: "hold", participant, on_hold: !isHeld })}
        >
          {text(isHeld ? "people_off_hold" : "people_hold", { name })}
        </button>
      )}
      {person.may_disconnect === true && (
        <button type="button" class="danger" onClick={ask({ type: "disconnect", participant })}>
          {text("people_disconnect", { name })}
        </button>
      )}
    </div>
  );
}
