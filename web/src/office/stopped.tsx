// Calls that somebody stopped for abuse: what happened, and the way back (SCR-14).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { BusyButton } from "../parts/form";
import { useNames } from "../parts/names";
import { useText } from "../text/context";
import type { StoppedCall } from "../wire/messages";
import { Trouble } from "./evening";
import { useOffice } from "./office";
import { useOwnTimes } from "./own-times";

type Props = { readonly calls: readonly StoppedCall[]; readonly reload: () => Promise<void> };

/** Those to be looked at first; the others stand below for as long as they are kept. */
export function StoppedCalls({ calls, reload }: Props) {
  const text = useText();
  const isNew = ({ state }: StoppedCall) => state === "new";
  const sorted = [...calls.filter(isNew), ...calls.filter((one) => !isNew(one))];
  return (
    <section aria-labelledby="stopped-heading" class="section">
      <h2 id="stopped-heading">{text("stopped_title")}</h2>
      <p>{text("stopped_text")}</p>
      <ul class="list">
        {sorted.map((one) => (
          <Item key={one.id} one={one} reload={reload} />
        ))}
      </ul>
    </section>
  );
}

type ItemProps = { readonly one: StoppedCall; readonly reload: () => Promise<void> };

function Item({ one, reload }: ItemProps) {
  const { api } = useOffice();
  const text = useText();
  const names = useNames();
  const times = useOwnTimes();
  const { replace } = useNavigation();
  const asking = useSignal(false);
  const keep = useAct(() => api.keepStop(one.id));
  const { at, by, guests, note, place, state, student } = one;
  const heading = `stopped-${one.id}`;
  return (
    <li data-state={state}>
      <h3 id={heading}>{student === undefined ? place : `${place}: ${student}`}</h3>
      <p>
        {by === ""
          ? text("stopped_at", { moment: times.stamp(at) })
          : text("stopped_by", { name: by, moment: times.stamp(at) })}
      </p>
      {note === "" ? <p>{text("stopped_no_note")}</p> : <p class="said">{note}</p>}
      {guests.length > 0 && <p>{text("stopped_guests", { names: names(guests) })}</p>}
      {state === "let_back" ? (
        <p>{text("stopped_let_back")}</p>
      ) : (
        <div class="actions">
          {state === "new" && (
            <BusyButton
              kind="primary"
              busy={keep.busy}
              describedBy={heading}
              onPress={() =>
                void keep.run(async () => {
                  replace("approvals", text("stopped_kept_done", { place }));
                  await reload();
                })
              }
            >
              {text("stopped_keep")}
            </BusyButton>
          )}
          <button
            type="button"
            class="secondary"
            aria-describedby={heading}
            onClick={() => {
              asking.value = true;
            }}
          >
            {text("stopped_let_back_do")}
          </button>
        </div>
      )}
      <Trouble problem={keep.problem} />
      {asking.value && (
        <LetBack
          one={one}
          reload={reload}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </li>
  );
}

function LetBack({ one, reload, onClose }: ItemProps & { readonly onClose: () => void }) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const back = useAct(() => api.letBack(one.id));
  const done = async () => {
    onClose();
    replace("approvals", text("stopped_let_back_done", { place: one.place }));
    await reload();
  };
  return (
    <Confirm
      title={text("stopped_let_back_title")}
      action={text("stopped_let_back_do")}
      busy={back.busy}
      problem={back.problem}
      onClose={onClose}
      onConfirm={() => void back.run(done)}
    >
      <p>{text("stopped_let_back_text")}</p>
    </Confirm>
  );
}
