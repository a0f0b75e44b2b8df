// The audit log, to read and to take away (DIR-10).

import { useSignal } from "@preact/signals";
import { AUDIT_CSV } from "../http/office";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { useText } from "../text/context";
import { isTextKey, type Text } from "../text/text";
import { useOwnTimes } from "./approvals";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

export function AuditPage() {
  const { api } = useOffice();
  const text = useText();
  const times = useOwnTimes();
  const before = useSignal<string | null>(null);
  const audit = useResource(() => api.audit(before.value), [before.value]);
  return (
    <OfficePage name="audit" heading={text("office_audit")}>
      <p>{text("audit_text")}</p>
      <p>
        <a href={AUDIT_CSV} download="audit.csv">
          {text("audit_export")}
        </a>
      </p>
      <Loaded of={audit}>
        {({ rows, next }) => (
          <>
            <Table
              caption={text("audit_rows")}
              captionHidden
              rows={rows}
              keyOf={({ number }) => number}
              columns={[
                { heading: text("column_when"), names: true, cell: ({ at }) => times.stamp(at) },
                { heading: text("column_who"), cell: ({ who }) => who },
                { heading: text("column_what"), cell: ({ what }) => wordsOf(what, text) },
                { heading: text("column_about"), cell: ({ about }) => about },
                { heading: text("column_detail"), cell: ({ detail }) => detail },
              ]}
            />
            <div class="actions">
              {before.value !== null && (
                <button
                  type="button"
                  class="secondary"
                  onClick={() => {
                    before.value = null;
                  }}
                >
                  {text("audit_newest")}
                </button>
              )}
              {next !== undefined && (
                <button
                  type="button"
                  class="secondary"
                  onClick={() => {
                    before.value = next;
                  }}
                >
                  {text("audit_older")}
                </button>
              )}
            </div>
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

/** The stable word, in plain ones where there are some. */
function wordsOf(what: string, text: Text): string {
  const key = `audit_${what}`;
  return isTextKey(key) ? text(key) : what.replaceAll("_", " ");
}
