// What parents wished and a court order stands against: the office decides (DIR-4).

import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { useNames } from "../parts/appointment";
import { BusyButton } from "../parts/form";
import { Loaded, useResource } from "../parts/resource";
import { useLanguage, useText } from "../text/context";
import { timesIn } from "../text/times";
import type { Approval } from "../wire/messages";
import { Trouble } from "./evening";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

const LOOK_EVERY_MS = 10_000;

export function ApprovalsPage() {
  const { api } = useOffice();
  const text = useText();
  const approvals = useResource(() => api.approvals(), [api], LOOK_EVERY_MS);
  return (
    <OfficePage name="approvals" heading={text("office_approvals")}>
      <p>{text("approvals_text")}</p>
      <Loaded of={approvals}>
        {({ approvals: list }) =>
          list.length === 0 ? (
            <p>{text("approvals_none")}</p>
          ) : (
            <ul class="list">
              {list.map((approval) => (
                <Item key={approval.id} approval={approval} reload={approvals.reload} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </OfficePage>
  );
}

type Props = { readonly approval: Approval; readonly reload: () => Promise<void> };

function Item({ approval, reload }: Props) {
  const { api } = useOffice();
  const text = useText();
  const names = useNames();
  const times = useOwnTimes();
  const { replace } = useNavigation();
  const { id, name, email, parent, evening, students, asked, contact, is_certain } = approval;
  const approve = useAct(() => api.decide(id, true));
  const refuse = useAct(() => api.decide(id, false));
  const heading = `approval-${id}`;
  return (
    <li>
      <h2 id={heading}>{name}</h2>
      <p>{email}</p>
      <p>{text("office_invited_by", { parent, students: names(students) })}</p>
      <p>
        {evening}, {times.stamp(asked)}
      </p>
      <p>
        {contact === ""
          ? text("approvals_erased")
          : text(is_certain ? "approvals_same_address" : "approvals_same_name", { contact })}
      </p>
      <div class="actions">
        <BusyButton
          kind="primary"
          busy={refuse.busy}
          describedBy={heading}
          onPress={() =>
            void refuse.run(async () => {
              replace("approvals", text("approvals_refused", { name }));
              await reload();
            })
          }
        >
          {text("approvals_refuse")}
        </BusyButton>
        {!is_certain && (
          <BusyButton
            kind="secondary"
            busy={approve.busy}
            describedBy={heading}
            onPress={() =>
              void approve.run(async () => {
                replace("approvals", text("approvals_approved", { name }));
                await reload();
              })
            }
          >
            {text("approvals_approve")}
          </BusyButton>
        )}
      </div>
      <Trouble problem={approve.problem ?? refuse.problem} />
    </li>
  );
}

/** Where there is no evening's zone to go by: the reader's own. */
export function useOwnTimes() {
  const { locale } = useLanguage();
  return timesIn(locale, Intl.DateTimeFormat().resolvedOptions().timeZone);
}
