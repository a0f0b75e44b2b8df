// "Waiting Areas": who waits in each, and what a provider does with them (WAIT-1, WAIT-4).

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useOffice } from "../office/office";
import { useAct } from "../parts/act";
import { tellArrival } from "../parts/attention";
import { Radios } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { CopyField } from "../parts/copy-field";
import { Table } from "../parts/table";
import { Words } from "../parts/words";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import type { AreaCaller, OtherArea, StaffArea } from "../wire/messages";
import { done } from "./done";
import { ForAll } from "./for-all";
import { LeftMessages } from "./left-messages";
import { Message } from "./message";

const MINUTE_MS = 60_000;

type Props = {
  readonly areas: readonly StaffArea[];
  /** Those that callers may be passed on to. */
  readonly all: readonly OtherArea[];
  /** Looks again who waits. */
  readonly reload: () => Promise<void>;
};

export function Areas({ areas, all, reload }: Props) {
  const text = useText();
  const arrived = useArrivals(areas);
  return (
    <>
      <div role="status" class="visually-hidden">
        {arrived.map(({ area, caller }) => (
          <p key={caller.id}>{text("caller_arrived", { name: caller.name, area: area.name })}</p>
        ))}
      </div>
      {areas.map((area) => (
        <Area
          key={area.id}
          area={area}
          others={all.filter(({ id }) => id !== area.id)}
          reload={reload}
        />
      ))}
    </>
  );
}

type Arrival = { readonly area: StaffArea; readonly caller: AreaCaller };

/** Who came since the page was opened and still waits; each sounds once. */
function useArrivals(areas: readonly StaffArea[]): readonly Arrival[] {
  const text = useText();
  const known = useRef<ReadonlySet<string> | null>(null);
  const told = useRef<ReadonlySet<string>>(new Set());
  const waiting = areas.flatMap((area) =>
    area.callers.filter(isWaiting).map((caller) => ({ area, caller })),
  );
  useEffect(() => {
    const before = known.current;
    const ids = waiting.map(({ caller }) => caller.id);
    known.current = new Set([...(before ?? []), ...ids]);
    const last = waiting.filter(({ caller }) => before?.has(caller.id) === false).at(-1);
    if (last !== undefined) {
      tellArrival(text("caller_arrived", { name: last.caller.name, area: last.area.name }));
    }
  });
  if (known.current !== null) {
    const all = known.current;
    const fresh = waiting.filter(({ caller }) => !all.has(caller.id));
    told.current = new Set([...told.current, ...fresh.map(({ caller }) => caller.id)]);
  }
  return waiting.filter(({ caller }) => told.current.has(caller.id));
}

/** How many wait in all of them. */
export function waitingIn(areas: readonly StaffArea[]): number {
  return areas.flatMap(({ callers }) => callers.filter(isWaiting)).length;
}

function isWaiting({ state }: AreaCaller): boolean {
  switch (state) {
    case "waiting":
    case "away":
      return true;
    case "called":
    case "in_call":
    case "gone":
    case "unknown":
      return false;
  }
}

type AreaProps = {
  readonly area: StaffArea;
  readonly others: readonly OtherArea[];
  readonly reload: () => Promise<void>;
};

/** What a provider is about to do with a caller. */
type Doing = "join" | "add" | "back" | "message" | "pass" | "end";

const DIALOGS = {
  join: JoinDialog,
  add: AddDialog,
  back: BackDialog,
  message: MessageDialog,
  pass: PassDialog,
  end: EndDialog,
} satisfies Record<Doing, (props: DialogProps) => unknown>;

function Area(props: AreaProps) {
  const { area } = props;
  const text = useText();
  const asking = useSignal<{ readonly what: Doing; readonly caller: string } | null>(null);
  const close = () => {
    asking.value = null;
  };
  const waiting = area.callers.filter(isWaiting).length;
  const chosen = area.callers.find(({ id }) => id === asking.value?.caller);
  const Dialog = asking.value === null ? null : DIALOGS[asking.value.what];
  return (
    <section class="waiting-area" aria-labelledby={`area-${area.id}`}>
      <h3 id={`area-${area.id}`}>
        {area.name}{" "}
        {waiting > 0 && <span class="badge">{text("waiting_count", { count: waiting })}</span>}
      </h3>
      <ForAll area={area} waiting={waiting} reload={props.reload} />
      {area.callers.length === 0 ? (
        <p>{text("waiting_count", { count: 0 })}</p>
      ) : (
        <Table
          caption={text("caller_list", { area: area.name })}
          rows={area.callers}
          keyOf={({ id }) => id}
          columns={[
            { heading: text("column_name"), names: true, cell: ({ name }) => name },
            {
              heading: text("caller_reason"),
              cell: ({ reason, message }) => (
                <>
                  <span class="said">{reason}</span>
                  {message !== "" && (
                    <p class="hint said">{text("caller_message_sent", { message })}</p>
                  )}
                </>
              ),
            },
            {
              heading: text("caller_waited"),
              cell: ({ waited_ms }) =>
                text("caller_minutes", { minutes: Math.floor(waited_ms / MINUTE_MS) }),
            },
            { heading: text("caller_state"), cell: (caller) => stateWords(caller, text) },
            {
              heading: text("caller_actions"),
              cell: (caller) => (
                <div class="actions">
                  {doable(caller, props).map((what) => (
                    <button
                      key={what}
                      type="button"
                      class={what === "join" || what === "add" ? "primary" : "secondary"}
                      aria-label={text(`caller_${what}_of`, { name: caller.name })}
                      onClick={() => {
                        asking.value = { what, caller: caller.id };
                      }}
                    >
                      {text(`caller_${what}`)}
                    </button>
                  ))}
                </div>
              ),
            },
          ]}
        />
      )}
      <LeftMessages area={area} reload={props.reload} />
      <CopyField
        url={area.url}
        label={text("area_link_of", { name: area.name })}
        done="area_link_copied"
      />
      {Dialog !== null && chosen !== undefined && (
        <Dialog {...props} caller={chosen} onClose={close} />
      )}
    </section>
  );
}

/** What can be done with a caller now. */
function doable(caller: AreaCaller, { area, others }: AreaProps): readonly Doing[] {
  if (!isWaiting(caller)) {
    return isHeld(caller) ? ["join", "back", "end"] : ["back", "end"];
  }
  const take = area.in_call === true ? "add" : "join";
  return others.length > 0 ? [take, "message", "pass", "end"] : [take, "message", "end"];
}

function stateWords({ state, taken_by: name = "" }: AreaCaller, text: Text): string {
  switch (state) {
    case "waiting":
    case "away":
    case "unknown":
      return text(`caller_state_${state}`);
    case "called":
    case "in_call":
    case "gone":
      return text(`caller_state_${state}`, { name });
  }
}

type DialogProps = AreaProps & { readonly caller: AreaCaller; readonly onClose: () => void };

/** Asks before a caller is taken; where somebody else was first, or another was taken, it says who. */
function JoinDialog({ area, caller, reload, onClose }: DialogProps) {
  const { api } = useOffice();
  const text = useText();
  const act = useAct(async () => {
    const answer = await api.takeCaller(area.id, caller.id);
    if (answer.type === "refused") {
      await reload();
    }
    return answer;
  });
  const { name, reason } = caller;
  // One's own press, whose answer was lost, leads to where it would have led.
  const taker = caller.mine === true ? undefined : caller.taken_by;
  const held = isWaiting(caller) ? area.callers.find(isHeld)?.name : undefined;
  const problem = held === undefined ? act.problem : text("caller_held", { name: held });
  const words = taker === undefined ? problem : text("caller_taken_by", { taker, name });
  return (
    <Confirm
      title={text("caller_join_ask", { name })}
      action={text("caller_join")}
      busy={act.busy}
      problem={words}
      harmless
      onClose={onClose}
      onConfirm={() => void act.run(({ url }) => location.assign(url))}
    >
      {reason !== "" && <p class="said">{text("caller_join_about", { reason })}</p>}
    </Confirm>
  );
}

/** Whether somebody was taken into a call that goes on, or has not begun, by who looks. */
function isHeld({ mine, state }: AreaCaller): boolean {
  return mine === true && state !== "gone";
}

/** Moves a caller into the call that the provider is in (WAIT-2). */
function AddDialog({ area, caller, reload, onClose }: DialogProps) {
  const { api } = useOffice();
  const text = useText();
  const act = useAct(() => api.addCaller(area.id, caller.id));
  const { name, reason } = caller;
  return (
    <Confirm
      title={text("caller_add_ask", { name })}
      action={text("caller_add_do")}
      busy={act.busy}
      problem={act.problem}
      harmless
      onClose={onClose}
      onConfirm={() => void act.run(() => done(onClose, reload))}
    >
      {reason !== "" && <p class="said">{text("caller_join_about", { reason })}</p>}
    </Confirm>
  );
}

/** Lets a caller who was taken wait again (WAIT-4). */
function BackDialog({ area, caller, reload, onClose }: DialogProps) {
  const { api } = useOffice();
  const text = useText();
  const act = useAct(() => api.putCallerBack(area.id, caller.id));
  return (
    <Confirm
      title={text("caller_back_ask", { name: caller.name })}
      action={text("caller_back")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() => void act.run(() => done(onClose, reload))}
    >
      <p>{text("caller_back_hint")}</p>
    </Confirm>
  );
}

function MessageDialog({ area, caller, reload, onClose }: DialogProps) {
  const { api } = useOffice();
  const text = useText();
  return (
    <Message
      title={text("caller_message_ask", { name: caller.name })}
      before={caller.message}
      send={(words) => api.messageCaller(area.id, caller.id, { words })}
      reload={reload}
      onClose={onClose}
    />
  );
}

/** Passes a caller on to another area, where they wait as long as they have. */
function PassDialog({ area, others, caller, reload, onClose }: DialogProps) {
  const { api } = useOffice();
  const text = useText();
  const to = useSignal(others[0]?.id ?? "");
  const act = useAct(() => api.passCaller(area.id, caller.id, { to: to.value }));
  return (
    <Confirm
      title={text("caller_pass_ask", { name: caller.name })}
      action={text("caller_pass")}
      busy={act.busy}
      problem={act.problem}
      harmless
      onClose={onClose}
      onConfirm={() => void act.run(() => done(onClose, reload))}
    >
      <Radios
        name="to"
        legend={text("caller_pass_to")}
        hint={text("caller_pass_hint")}
        chosen={to.value}
        onChange={(id) => {
          to.value = id;
        }}
        choices={others.map(({ id: value, name: label }) => ({ value, label }))}
      />
    </Confirm>
  );
}

function EndDialog({ area, caller, reload, onClose }: DialogProps) {
  const { api } = useOffice();
  const text = useText();
  const words = useSignal("");
  const act = useAct(() => api.endVisit(area.id, caller.id, { word: words.value.trim() }));
  return (
    <Confirm
      title={text("caller_end_ask", { name: caller.name })}
      action={text("caller_end")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() => void act.run(() => done(onClose, reload))}
    >
      <Words words={words} label={text("caller_end_word")} hint={text("caller_end_hint")} />
    </Confirm>
  );
}
