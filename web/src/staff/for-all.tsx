// What a provider of a waiting area tells all who wait there: how it stands with them, a message, and that
// it ends (WAIT-1).

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { useOffice } from "../office/office";
import { useAct } from "../parts/act";
import { Radios } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { Words } from "../parts/words";
import { useText } from "../text/context";
import type { ProviderSays, StaffArea } from "../wire/messages";
import { done } from "./done";
import { Message } from "./message";

type Props = {
  readonly area: StaffArea;
  /** How many wait. */
  readonly waiting: number;
  readonly reload: () => Promise<void>;
};

type DialogProps = {
  readonly area: StaffArea;
  readonly reload: () => Promise<void>;
  readonly onClose: () => void;
};

const DIALOGS = { state: StateDialog, message_all: MessageDialog, end_all: EndDialog };

type Doing = keyof typeof DIALOGS;

/** What is pressed for each, and what of which area. Written out: each page brings what its sources name. */
const WORDS = {
  state: ["area_state", "area_state_of"],
  message_all: ["area_message_all", "area_message_all_of"],
  end_all: ["area_end_all", "area_end_all_of"],
} as const;

export function ForAll({ area, waiting, reload }: Props) {
  const text = useText();
  const asking = useSignal<Doing | null>(null);
  const Dialog = asking.value === null ? null : DIALOGS[asking.value];
  const all: readonly Doing[] = waiting > 0 ? ["state", "message_all", "end_all"] : ["state"];
  const { late_minutes: minutes, away_until: time } = area;
  return (
    <>
      {minutes !== undefined && <p>{text("area_reads_late", { minutes })}</p>}
      {time !== undefined && <p>{text("area_reads_away", { time })}</p>}
      <div class="actions">
        {all.map((what) => (
          <button
            key={what}
            type="button"
            class="secondary"
            aria-label={text(WORDS[what][1], { area: area.name })}
            onClick={() => {
              asking.value = what;
            }}
          >
            {text(WORDS[what][0])}
          </button>
        ))}
      </div>
      {Dialog !== null && (
        <Dialog
          area={area}
          reload={reload}
          onClose={() => {
            asking.value = null;
          }}
        />
      )}
    </>
  );
}

/** The most minutes that somebody says they are late by. */
const MOST_LATE = 240;

/** What callers read about who is signed in. */
function StateDialog({ area, reload, onClose }: DialogProps) {
  const { api } = useOffice();
  const text = useText();
  const { late_minutes: late, away_until: away } = area;
  const chosen = useSignal(away !== undefined ? "away" : late !== undefined ? "late" : "none");
  const minutes = useSignal(String(late ?? 10));
  const until = useSignal(away ?? "");
  const says = (): ProviderSays => {
    switch (chosen.value) {
      case "late":
        return { late_minutes: Number(minutes.value) };
      case "away":
        return { away_until: until.value };
      default:
        return {};
    }
  };
  const act = useAct(() => api.sayInArea(area.id, says()));
  const wrong = useSignal<string | null>(null);
  const check = () => {
    const isNumber = /^\d{1,3}$/.test(minutes.value) && Number(minutes.value) > 0;
    if (chosen.value === "late" && !(isNumber && Number(minutes.value) <= MOST_LATE)) {
      return text("area_state_minutes_wrong", { most: MOST_LATE });
    }
    return chosen.value === "away" && until.value === "" ? text("area_time_missing") : null;
  };
  return (
    <Confirm
      title={text("area_state_ask")}
      action={text("area_state_do")}
      busy={act.busy}
      problem={wrong.value ?? act.problem}
      harmless
      onClose={onClose}
      onConfirm={() => {
        wrong.value = check();
        if (wrong.value === null) {
          void act.run(() => done(onClose, reload));
        }
      }}
    >
      <Radios
        name="state"
        legend={text("area_state_legend")}
        hint={text("area_state_hint")}
        chosen={chosen.value}
        onChange={(value) => {
          chosen.value = value;
        }}
        choices={(["none", "late", "away"] as const).map((value) => ({
          value,
          label: text(`area_state_${value}`),
        }))}
      />
      {chosen.value === "late" && (
        <Input
          type="text"
          label={text("area_state_minutes")}
          value={minutes.value}
          onInput={(value) => {
            minutes.value = value;
          }}
        />
      )}
      {chosen.value === "away" && (
        <Input
          type="time"
          label={text("area_state_until")}
          value={until.value}
          onInput={(value) => {
            until.value = value;
          }}
        />
      )}
    </Confirm>
  );
}

type InputProps = {
  readonly type: "text" | "time";
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
};

function Input({ type, label, value, onInput }: InputProps) {
  const id = useId();
  const typed = {
    id,
    value,
    onInput: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
      onInput(currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === "text" ? (
        <input type="text" inputMode="numeric" {...typed} />
      ) : (
        <input type="time" {...typed} />
      )}
    </div>
  );
}

function MessageDialog({ area, reload, onClose }: DialogProps) {
  const { api } = useOffice();
  const text = useText();
  return (
    <Message
      title={text("area_message_all_of", { area: area.name })}
      before=""
      send={(words) => api.messageWaiting(area.id, { words })}
      reload={reload}
      onClose={onClose}
    />
  );
}

function EndDialog({ area, reload, onClose }: DialogProps) {
  const { api } = useOffice();
  const text = useText();
  const words = useSignal("");
  const act = useAct(() => api.endWaiting(area.id, { word: words.value.trim() }));
  return (
    <Confirm
      title={text("area_end_all_ask", { area: area.name })}
      action={text("area_end_all")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() => void act.run(() => done(onClose, reload))}
    >
      <p>{text("area_end_all_text")}</p>
      <Words words={words} label={text("caller_end_word")} hint={text("caller_end_hint")} />
    </Confirm>
  );
}
