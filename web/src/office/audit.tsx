// The audit log, to read and to take away (DIR-10).

import { AUDIT_CSV } from "../http/office";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { useText } from "../text/context";
import { isTextKey, type Text } from "../text/text";
import type { Audit } from "../wire/messages";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { useOwnTimes } from "./own-times";
import { Pager, usePaging } from "./paging";

export function AuditPage() {
  const { api } = useOffice();
  const text = useText();
  const times = useOwnTimes();
  const paging = usePaging();
  const audit = useResource(() => api.audit(paging.after), [paging.after]);
  return (
    <OfficePage name="audit" heading={text("office_audit")}>
      <p>{text("audit_text")}</p>
      <p>
        <a href={AUDIT_CSV} download="audit.csv">
          {text("audit_export")}
        </a>
      </p>
      <Loaded of={audit}>
        {({ rows, names, next }) => (
          <>
            <Table
              caption={text("audit_rows")}
              captionHidden
              rows={rows}
              keyOf={({ number }) => number}
              columns={[
                { heading: text("column_when"), names: true, cell: ({ at }) => times.stamp(at) },
                {
                  heading: text("column_who"),
                  cell: ({ who }) => <Named subject={who} names={names} />,
                },
                { heading: text("column_what"), cell: ({ what }) => wordsOf(what, text) },
                {
                  heading: text("column_about"),
                  cell: ({ about }) => <Named subject={about} names={names} />,
                },
                {
                  heading: text("column_detail"),
                  cell: ({ detail }) => detailIn(detail, names, text),
                },
              ]}
            />
            <Pager paging={paging} next={next} less="audit_newer" more="audit_older" />
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

type Names = Audit["names"];

type NamedProps = { readonly subject: string; readonly names: Names };

/** The log itself names people by their ids: whoever was erased has no name any more. */
function Named({ subject, names }: NamedProps) {
  const text = useText();
  const kind = kindOf(subject.split(":")[0] ?? "", text);
  const name = names[subject];
  if (name !== undefined) {
    return (
      <>
        {name} <span class="role">{kind}</span>
      </>
    );
  }
  return <>{subject.includes(":") ? text("audit_erased_since", { kind }) : kind}</>;
}

/** "evening=5 student=6" with the names of both; the number of a slot or of a stop tells nobody anything. */
export function detailIn(detail: string, names: Names, text: Text): string {
  const parts = detail.split(" ").filter((part) => part !== "" && !/^(?:slot|stop)=/.test(part));
  return parts
    .map((part) => {
      const [key = "", value = ""] = part.split("=");
      const kind = key === "inviter" ? "contact" : key;
      return `${kindOf(kind, text)}: ${names[`${kind}:${value}`] ?? value}`;
    })
    .join("; ");
}

function kindOf(kind: string, text: Text): string {
  const key = `audit_kind_${kind}`;
  return isTextKey(key) ? text(key) : kind;
}

/** The stable word, in plain ones where there are some. */
function wordsOf(what: string, text: Text): string {
  const key = `audit_${what}`;
  return isTextKey(key) ? text(key) : what.replaceAll("_", " ");
}
