// What an import does to each row, and who leaves with it.

import { useSignal } from "@preact/signals";
import { Email } from "../parts/email";
import { Table } from "../parts/table";
import { useText } from "../text/context";
import type { ImportOutcome, ImportRow } from "../wire/messages";
import { inOrder } from "./import-order";

const LOOKS: Readonly<Record<ImportOutcome, string>> = {
  created: "tag good",
  updated: "tag good",
  unchanged: "tag",
  refused: "tag bad",
  unknown: "tag",
};

/** What somebody should know of how it was read. */
export function ImportNotes({ notes }: { readonly notes: readonly string[] }) {
  return (
    <>
      {notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
    </>
  );
}

type LeavingProps = { readonly leaving: readonly string[]; readonly applied: boolean };

/** Who and what the file no longer names. */
export function Leaving({ leaving, applied }: LeavingProps) {
  const text = useText();
  if (leaving.length === 0) {
    return null;
  }
  return (
    <section class="section" aria-labelledby="leaving">
      <h2 id="leaving">{text("import_leaving", { count: leaving.length })}</h2>
      <p>{text(applied ? "import_leaving_done" : "import_leaving_text")}</p>
      <ul class="points">
        {leaving.slice(0, AT_ONCE).map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      {leaving.length > AT_ONCE && (
        <p>{text("import_leaving_more", { count: leaving.length - AT_ONCE })}</p>
      )}
    </section>
  );
}

type KeptBackProps = {
  readonly count: number;
  readonly refused: number;
  /** Whether nobody at all has left. */
  readonly isNobody: boolean;
};

/** Who is no longer named and stays, because a refused row may be theirs. */
export function KeptBack({ count, refused, isNobody }: KeptBackProps) {
  const text = useText();
  return count === 0 ? null : (
    <p class="note warning">
      {text(isNobody ? "import_kept_nobody" : "import_kept_back", { count, refused })}
    </p>
  );
}

/** How many rows are shown before more are asked for. */
const AT_ONCE = 200;

export function Rows({ rows }: { readonly rows: readonly ImportRow[] }) {
  const text = useText();
  const most = useSignal(AT_ONCE);
  const sorted = inOrder(rows);
  const hidden = sorted.length - most.value;
  return (
    <>
      <RowTable rows={sorted.slice(0, most.value)} />
      {hidden > 0 && (
        <p>
          <button
            type="button"
            class="secondary"
            onClick={() => {
              most.value += 5 * AT_ONCE;
            }}
          >
            {text("import_more_rows", { count: hidden })}
          </button>
        </p>
      )}
    </>
  );
}

/** A sentence of the server's: a narrow column breaks its addresses at the "@". */
function WithAddresses({ words }: { readonly words: string }) {
  return (
    <>
      {words.split(/(\S+@\S+)/).map((part, at) =>
        // They stay in their order.
        at % 2 === 0 ? part : <Email key={at} address={part} />,
      )}
    </>
  );
}

function RowTable({ rows }: { readonly rows: readonly ImportRow[] }) {
  const text = useText();
  return (
    <Table
      caption={text("import_rows")}
      rows={rows}
      keyOf={({ kind = "student", line, student }) => `${kind} ${line} ${student}`}
      columns={[
        { heading: text("import_line"), names: true, cell: ({ line }) => line },
        {
          heading: text("import_whom"),
          cell: ({ kind = "student", student }) =>
            kind === "student" ? student : text(`import_kind_${kind}`, { name: student }),
        },
        {
          heading: text("import_outcome"),
          cell: ({ outcome }) => (
            <span class={LOOKS[outcome]}>{text(`import_outcome_${outcome}`)}</span>
          ),
        },
        {
          heading: text("import_reason"),
          cell: ({ reason, does }) =>
            does.length === 0 ? (
              reason
            ) : (
              <ul class="points">
                {does.map((one) => (
                  <li key={one}>
                    <WithAddresses words={one} />
                  </li>
                ))}
              </ul>
            ),
        },
      ]}
    />
  );
}
