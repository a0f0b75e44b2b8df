// Everybody who takes part in an evening, and their personal links.

import { useSignal } from "@preact/signals";
import { useAct } from "../parts/act";
import { Email } from "../parts/email";
import { BusyButton } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { InvitationTag } from "../parts/invitation-tag";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { useText } from "../text/context";
import type { EveningPerson } from "../wire/messages";
import { Trouble, useEvening } from "./evening";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { Search } from "./search";

export function PeoplePage({ id }: { readonly id: string }) {
  const { api } = useOffice();
  const text = useText();
  const evening = useEvening(id);
  const people = useResource(() => api.people(id), [id]);
  const sought = useSignal("");
  const search = (words: string) => {
    sought.value = words;
  };
  const back = {
    to: `evenings/${encodeURIComponent(id)}`,
    label: evening.value?.set.name ?? text("back"),
  };
  return (
    <OfficePage name="people" heading={text("people_title")} back={back}>
      <p>{text("people_text")}</p>
      <Loaded of={people}>
        {({ teachers, parents }) => (
          <>
            <Search label={text("people_search")} onSearch={search} />
            <p role="status">
              {sought.value !== "" &&
                text("people_found", {
                  count: named([...teachers, ...parents], sought.value).length,
                })}
            </p>
            <People evening={id} whose="teachers" people={teachers} sought={sought.value} />
            <People evening={id} whose="parents" people={parents} sought={sought.value} />
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

/** Those whose name or address holds these words. */
function named(people: readonly EveningPerson[], words: string): readonly EveningPerson[] {
  const wanted = words.toLocaleLowerCase();
  return people.filter((one) => `${one.name} ${one.email}`.toLocaleLowerCase().includes(wanted));
}

type Props = {
  readonly evening: string;
  readonly whose: "teachers" | "parents";
  readonly people: readonly EveningPerson[];
};

function People({ evening, whose, people, sought }: Props & { readonly sought: string }) {
  const text = useText();
  const rows = named(people, sought);
  if (people.length === 0) {
    return <p>{text(`people_no_${whose}`)}</p>;
  }
  if (rows.length === 0) {
    return null;
  }
  return (
    <Table
      caption={text(`people_${whose}`)}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          heading: text("column_name"),
          names: true,
          cell: ({ id, name }) =>
            whose === "parents" ? (
              <GoTo
                to={`evenings/${encodeURIComponent(evening)}/parents/${encodeURIComponent(id)}`}
              >
                {name}
              </GoTo>
            ) : (
              name
            ),
        },
        {
          heading: text("column_email"),
          cell: ({ email }) => (email === "" ? text("column_no_email") : <Email address={email} />),
        },
        { heading: text("evening_appointments"), cell: (row) => row.appointments },
        {
          heading: text("column_mail"),
          cell: ({ mail }) =>
            mail === undefined ? text("people_not_sent") : <InvitationTag state={mail} />,
        },
        {
          heading: text("column_link"),
          cell: (person) => <ShowLink evening={evening} whose={whose} person={person} />,
        },
      ]}
    />
  );
}

type ShowProps = Omit<Props, "people"> & { readonly person: EveningPerson };

/** Shown only when asked for: the server keeps in its log that it was. */
function ShowLink({ evening, whose, person }: ShowProps) {
  const { api } = useOffice();
  const text = useText();
  const url = useSignal<string | null>(null);
  const act = useAct(() => api.showLink(evening, whose, person.id));
  if (url.value !== null) {
    return (
      <a href={url.value} target="_blank" rel="noopener noreferrer">
        {url.value}
      </a>
    );
  }
  return (
    <>
      <BusyButton
        kind="secondary"
        busy={act.busy}
        onPress={() =>
          void act.run((shown) => {
            url.value = shown.url;
          })
        }
      >
        {text("people_show_link")}
        <span class="visually-hidden"> {person.name}</span>
      </BusyButton>
      <Trouble problem={act.problem} />
    </>
  );
}
