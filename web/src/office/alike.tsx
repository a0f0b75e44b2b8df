// Records that may be of one person: made one by a press that shows first what follows, parted again
// the same day, or said to be two people (DIR-13).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { BusyButton } from "../parts/form";
import { useNames } from "../parts/names";
import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { AlikeContact, AlikePair, JoinedPair, JoinReport } from "../wire/messages";
import { Trouble } from "./evening";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { useOwnTimes } from "./own-times";

export function AlikePage() {
  const { api } = useOffice();
  const text = useText();
  const alike = useResource(() => api.alike(), [api]);
  return (
    <OfficePage
      name="alike"
      heading={text("alike_title")}
      back={{ to: "students", label: text("office_students") }}
    >
      <p>{text("alike_text")}</p>
      <Loaded of={alike}>
        {({ pairs, more, joined }) => (
          <>
            {pairs.length === 0 && <p>{text("alike_none")}</p>}
            {pairs.length > 0 && (
              <ul class="list">
                {pairs.map((pair) => (
                  <Pair
                    key={`${pair.one.contact}-${pair.other.contact}`}
                    pair={pair}
                    reload={alike.reload}
                  />
                ))}
              </ul>
            )}
            {more > 0 && <p>{text("alike_more", { count: more })}</p>}
            {joined.length > 0 && <JoinedList joined={joined} reload={alike.reload} />}
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

const WHY = {
  address: "alike_by_address",
  name: "alike_by_name",
  both: "alike_by_both",
  unknown: "alike_by_name",
} as const;

type PairProps = { readonly pair: AlikePair; readonly reload: () => Promise<void> };

function Pair({ pair: { alike, one, other }, reload }: PairProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const apart = useAct(() => api.tellRecordsApart(one.contact, other.contact));
  const heading = `alike-${one.contact}-${other.contact}`;
  return (
    <li>
      <h2 id={heading}>{text("alike_pair", { name: one.name })}</h2>
      <p>{text(WHY[alike])}</p>
      <Side record={one} into={other} pair={heading} reload={reload} />
      <Side record={other} into={one} pair={heading} reload={reload} />
      <div class="actions">
        <BusyButton
          kind="secondary"
          busy={apart.busy}
          describedBy={heading}
          onPress={() =>
            void apart.run(async () => {
              replace("alike", text("alike_apart_done", { name: one.name, other: other.name }));
              await reload();
            })
          }
        >
          {text("alike_apart")}
        </BusyButton>
      </div>
      <Trouble problem={apart.problem} />
    </li>
  );
}

type SideProps = {
  readonly record: AlikeContact;
  /** The one that would become this one's. */
  readonly into: AlikeContact;
  readonly pair: string;
  readonly reload: () => Promise<void>;
};

/** One of the two: who it is, and the button that keeps it. */
function Side({ record, into, pair, reload }: SideProps) {
  const { api } = useOffice();
  const text = useText();
  const names = useNames();
  const preview = useAct(() => api.previewJoin(record.contact, into.contact));
  const report = useSignal<JoinReport | null>(null);
  const { contact, name, email, students, court_order: order, registered } = record;
  const id = `alike-${contact}-of-${pair}`;
  return (
    <section class="section" aria-labelledby={id}>
      <h3 id={id}>{name}</h3>
      <p>{email === "" ? text("alike_no_email") : email}</p>
      <p>
        {students.length === 0
          ? text("alike_no_students")
          : text("alike_students", { count: students.length, students: names(students) })}
      </p>
      {registered && (
        <p>
          <span class="tag">{text("alike_registered")}</span>
        </p>
      )}
      {order && (
        <p>
          <span class="tag bad">{text("order_active")}</span>
        </p>
      )}
      <BusyButton
        kind="primary"
        busy={preview.busy}
        describedBy={id}
        onPress={() =>
          void preview.run((found) => {
            report.value = found;
          })
        }
      >
        {text("alike_keep")}
      </BusyButton>
      <Trouble problem={preview.problem} />
      {report.value !== null && (
        <JoinDialog
          report={report.value}
          kept={record}
          gone={into}
          reload={reload}
          onClose={() => {
            report.value = null;
          }}
        />
      )}
    </section>
  );
}

type DialogProps = {
  readonly report: JoinReport;
  readonly kept: AlikeContact;
  readonly gone: AlikeContact;
  readonly reload: () => Promise<void>;
  readonly onClose: () => void;
};

function JoinDialog({ report, kept, gone, reload, onClose }: DialogProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const join = useAct(() => api.joinRecords(kept.contact, gone.contact));
  const done = async () => {
    onClose();
    replace("alike", text("alike_joined", { name: kept.name }));
    await reload();
  };
  return (
    <Confirm
      title={text("alike_join_title", { name: kept.name })}
      action={text("alike_join")}
      busy={join.busy}
      problem={join.problem}
      onClose={onClose}
      onConfirm={() => void join.run(done)}
    >
      <p>
        {text("alike_join_text", {
          name: kept.name,
          email: kept.email || gone.email || "–",
          gone: gone.name,
        })}
      </p>
      <Follows report={report} />
      <p>{text("alike_join_undo")}</p>
    </Confirm>
  );
}

const ACCOUNTS = {
  none: null,
  unknown: null,
  kept: "alike_account_kept",
  comes: "alike_account_comes",
  two: "alike_account_two",
} as const;

/** All that follows, a line for each. */
function Follows({ report }: { readonly report: JoinReport }) {
  const text = useText();
  const names = useNames();
  const account = ACCOUNTS[report.account];
  const lines = [
    report.court_order
      ? text("alike_follows_order", { count: report.appointments_cancelled })
      : null,
    report.students.length > 0
      ? text("alike_follows_students", { students: names(report.students) })
      : null,
    report.appointments > 0
      ? text("alike_follows_appointments", { count: report.appointments })
      : null,
    report.invitations > 0
      ? text("alike_follows_invitations", { count: report.invitations })
      : null,
    report.links > 0 ? text("alike_follows_links", { count: report.links }) : null,
    report.links_ended > 0 ? text("alike_follows_ended", { count: report.links_ended }) : null,
    account === null ? null : text(account),
    report.details ? text("alike_follows_details") : null,
  ].filter((line) => line !== null);
  return (
    <ul class="points">
      {lines.length === 0 && <li>{text("alike_follows_nothing")}</li>}
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

type JoinedProps = { readonly joined: readonly JoinedPair[]; readonly reload: () => Promise<void> };

/** What was made one within a day, and can be two again. */
function JoinedList({ joined, reload }: JoinedProps) {
  const text = useText();
  return (
    <section class="section" aria-labelledby="joined">
      <h2 id="joined">{text("alike_joined_title")}</h2>
      <ul class="list">
        {joined.map((pair) => (
          <JoinedItem key={pair.gone} pair={pair} reload={reload} />
        ))}
      </ul>
    </section>
  );
}

type ItemProps = { readonly pair: JoinedPair; readonly reload: () => Promise<void> };

function JoinedItem({ pair, reload }: ItemProps) {
  const { api } = useOffice();
  const text = useText();
  const times = useOwnTimes();
  const { replace } = useNavigation();
  const { contact, name, gone, gone_name: other, until } = pair;
  const part = useAct(() => api.partRecords(contact, gone));
  const id = `joined-${gone}`;
  return (
    <li>
      <p id={id}>{text("alike_joined_pair", { name, other, until: times.stamp(until) })}</p>
      <BusyButton
        kind="secondary"
        busy={part.busy}
        describedBy={id}
        onPress={() =>
          void part.run(async () => {
            replace("alike", text("alike_parted", { name, other }));
            await reload();
          })
        }
      >
        {text("alike_part")}
      </BusyButton>
      <Trouble problem={part.problem} />
    </li>
  );
}
