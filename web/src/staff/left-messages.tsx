// What callers of a waiting area left to say who went, until it is set aside (WAIT-3).

import { useSignal } from "@preact/signals";
import { useOffice } from "../office/office";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { Table } from "../parts/table";
import { useLanguage } from "../text/context";
import { ownZone, timesIn } from "../text/times";
import type { LeftWords, StaffArea } from "../wire/messages";
import { done } from "./done";

type Props = { readonly area: StaffArea; readonly reload: () => Promise<void> };

export function LeftMessages({ area, reload }: Props) {
  const { locale, text } = useLanguage();
  const times = timesIn(locale, ownZone());
  const asking = useSignal<string | null>(null);
  const chosen = area.left.find(({ id }) => id === asking.value);
  if (area.left.length === 0) {
    return null;
  }
  return (
    <>
      <Table
        caption={text("words_left", { area: area.name })}
        rows={area.left}
        keyOf={({ id }) => id}
        columns={[
          { heading: text("column_name"), names: true, cell: ({ name }) => name },
          {
            heading: text("words_left_words"),
            cell: ({ reason, words }) => (
              <>
                {reason !== "" && <p class="hint said">{text("caller_join_about", { reason })}</p>}
                <span class="said">{words}</span>
              </>
            ),
          },
          { heading: text("words_left_at"), cell: ({ at }) => times.moment(at) },
          {
            heading: text("caller_actions"),
            cell: ({ id, name }) => (
              <button
                type="button"
                class="secondary"
                aria-label={text("words_aside_of", { name })}
                onClick={() => {
                  asking.value = id;
                }}
              >
                {text("words_aside")}
              </button>
            ),
          },
        ]}
      />
      {chosen !== undefined && (
        <AsideDialog
          area={area}
          left={chosen}
          reload={reload}
          onClose={() => {
            asking.value = null;
          }}
        />
      )}
    </>
  );
}

type AsideProps = Props & { readonly left: LeftWords; readonly onClose: () => void };

function AsideDialog({ area, left: { id, name }, reload, onClose }: AsideProps) {
  const { api } = useOffice();
  const { text } = useLanguage();
  const act = useAct(() => api.setWordsAside(area.id, id));
  return (
    <Confirm
      title={text("words_aside_ask", { name })}
      action={text("words_aside")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() => void act.run(() => done(onClose, reload))}
    >
      <p>{text("words_aside_hint")}</p>
    </Confirm>
  );
}
