// The call: everybody's tile, a shared screen large, and the controls.

import { texts } from "virtual:texts-of-the-call";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useApp } from "../app";
import { CallBanners } from "../parts/call-banners";
import { Controls } from "../parts/controls";
import { ExpectedNote } from "../parts/expected-note";
import { useSoon } from "../parts/later";
import { useOwnInCorner } from "../parts/layout";
import { Page } from "../parts/page";
import type { Panel } from "../parts/panel";
import { ScreenStage } from "../parts/screen-stage";
import { ChatWhenHere, talkPart } from "../parts/talk-later";
import { isPaused, Tile } from "../parts/tile";
import { useInterrupted } from "../parts/use-interrupted";
import { useShown } from "../parts/use-shown";
import { useSpeaking } from "../parts/use-speaking";
import type { CallPhase } from "../session/state";
import { addTexts } from "../text/text";
import { InviteWhenHere, invitePanel } from "./invite-later";

addTexts(texts);

export function CallPage({ phase }: { readonly phase: CallPhase }) {
  const { state, text } = useApp();
  const shown = useSignal<number | null>(null);
  const panel = useSignal<Panel>(null);
  const stage = useRef<HTMLDivElement>(null);
  useShown(stage, phase);
  useSoon(talkPart);
  useSoon(invitePanel, phase.powers.includes("invite"));
  const speaking = useSpeaking(phase);
  const interrupted = useInterrupted(phase);
  const live = state.value.line.type === "live";
  const others = phase.screens.filter((participant) => participant !== phase.you);
  const prefersCorner = useOwnInCorner(phase.people.length);
  const hasRoom = others.length === 0 && panel.value === null;
  const inCorner = prefersCorner && hasRoom && phase.people.length > 1;
  const screen = others.find((participant) => participant === shown.value) ?? others.at(-1);
  return (
    <Page state={live ? "call" : "reconnecting"} heading={phase.call.title} dark>
      <CallBanners phase={phase} reconnecting={!live} />
      <div class={panel.value === null ? "floor" : "floor with-panel"}>
        <div ref={stage} class={screen === undefined ? "stage" : "stage with-screen"}>
          {screen !== undefined && (
            <ScreenStage
              people={phase.people.filter(({ participant }) => others.includes(participant))}
              shown={screen}
              paused={phase.paused}
              onShow={(participant) => {
                shown.value = participant;
              }}
            />
          )}
          <ul
            class={inCorner ? "tiles corner" : "tiles"}
            data-count={phase.people.length}
            aria-label={text("call_people")}
          >
            {phase.people.map((person) => (
              <Tile
                key={person.participant}
                person={person}
                own={person.participant === phase.you}
                mayMute={phase.powers.includes("mute")}
                paused={isPaused(phase.paused, person, "camera")}
                interrupted={interrupted.includes(person.participant)}
                speaking={speaking.includes(person.participant)}
              />
            ))}
          </ul>
          {live && phase.people.length === 1 && <p class="alone">{text("call_alone")}</p>}
          {live && !phase.people.some(({ role }) => role === "teacher") && <WhereSchoolIs />}
        </div>
        {panel.value === "chat" && <ChatWhenHere phase={phase} />}
        {panel.value === "invite" && <InviteWhenHere phase={phase} panel={panel} />}
      </div>
      <Controls phase={phase} panel={panel} />
    </Page>
  );
}

/** Who waits in the call for somebody of the school reads how it stands with them. */
function WhereSchoolIs() {
  const { meeting, view } = useApp().state.value;
  const appointment = view?.appointments.find((one) => one.meeting === meeting);
  return appointment === undefined ? null : <ExpectedNote appointment={appointment} />;
}
