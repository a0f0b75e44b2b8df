// Everybody who takes part in an evening, and their personal links.

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { Email } from "../parts/email";
import { BusyButton } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { InvitationTag } from "../parts/invitation-tag";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { useText } from "../text/context";
import type { EveningPerson } from "../wire/messages";
import { Away, CannotCome } from "./cannot-come";
import { Trouble, takesPlace, useEvening } from "./evening";
import { useMay } from "./may";
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
  const all = {
    evening: id,
    sought: sought.value,
    reload: people.reload,
    changeable: evening.value !== null && takesPlace(evening.value),
  };
  const back = {
    to: `evenings/${encodeURIComponent(id)}`,
    label: evening.value?.set.name ?? text("back"),
  };
  return (
    <OfficePage name="people" heading={text("people_title")} back={back}>
      <p class="print-only">{evening.value?.set.name}</p>
      <p>{text("people_text")}</p>
      <Loaded of={people}>
        {({ teachers, parents, away }) => (
          <>
            <Search label={text("people_search")} onSearch={search} />
            <p role="status">
              {sought.value !== "" &&
                text("people_found", {
                  count: named([...teachers, ...parents], sought.value).length,
                })}
            </p>
            <People {...all} away={away} whose="teachers" people={teachers} />
            {all.changeable && away.length > 0 && (
              <Away evening={id} away={away} reload={people.reload} />
            )}
            {all.changeable && <Unbooked evening={id} people={parents} reload={people.reload} />}
            <People {...all} away={away} whose="parents" people={parents} />
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

type UnbookedProps = Reload & {
  readonly evening: string;
  readonly people: readonly EveningPerson[];
};

/** Who has booked nothing yet: the same list is a mailing. */
function Unbooked({ evening, people, reload }: UnbookedProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(() => api.sendToUnbooked(evening));
  const unbooked = people.filter(({ appointments }) => appointments === 0);
  if (unbooked.length === 0) {
    return null;
  }
  const written = unbooked.filter(({ email }) => email !== "");
  return (
    <details>
      <summary>{text("people_unbooked", { count: unbooked.length })}</summary>
      <ul>
        {unbooked.map(({ id, name, email }) => (
          <li key={id}>
            {name} <span class="role">{email === "" ? text("column_no_email") : email}</span>
          </li>
        ))}
      </ul>
      {written.length > 0 && (
        <button
          type="button"
          class="secondary"
          onClick={() => {
            asking.value = true;
          }}
        >
          {text("people_unbooked_send")}
        </button>
      )}
      {asking.value && (
        <Confirm
          title={text("people_unbooked_ask", { count: written.length })}
          action={text("links_send")}
          busy={act.busy}
          problem={act.problem}
          harmless
          onClose={() => {
            asking.value = false;
          }}
          onConfirm={() =>
            void act.run(async ({ queued, without_address: without }) => {
              asking.value = false;
              replace(
                `evenings/${encodeURIComponent(evening)}/people`,
                text("links_queued", { count: queued, without }),
              );
              await reload();
            })
          }
        />
      )}
    </details>
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

type Reload = { readonly reload: () => Promise<void> };

type PeopleProps = Props &
  Reload & {
    readonly sought: string;
    /** The teachers who cannot come. */
    readonly away: readonly string[];
    /** Whether links are good for anything still, and appointments may go to another teacher. */
    readonly changeable: boolean;
  };

function People(props: PeopleProps) {
  const { evening, whose, people, sought, away, reload, changeable } = props;
  const text = useText();
  const may = useMay();
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
        ...(changeable
          ? [
              {
                heading: text("column_link"),
                cell: (person: EveningPerson) => (
                  <span class="order">
                    {may("run") && <ShowLink evening={evening} whose={whose} person={person} />}
                    {person.email !== "" && (
                      <SendLink evening={evening} whose={whose} person={person} reload={reload} />
                    )}
                    {whose === "teachers" && (
                      <CannotCome evening={evening} teacher={person} away={away} reload={reload} />
                    )}
                  </span>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}

type ShowProps = Omit<Props, "people"> & { readonly person: EveningPerson };

/** The same link once more, to the address that the school has. */
function SendLink({ evening, whose, person, reload }: ShowProps & Reload) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const act = useAct(() => api.sendLink(evening, whose, person.id));
  return (
    <>
      <BusyButton
        kind="secondary"
        busy={act.busy}
        onPress={() =>
          void act.run(async () => {
            const { name, email } = person;
            replace(
              `evenings/${encodeURIComponent(evening)}/people`,
              text("people_sent", { name, email }),
            );
            await reload();
          })
        }
      >
        {text("people_send_link")}
        <span class="visually-hidden"> {person.name}</span>
      </BusyButton>
      <Trouble problem={act.problem} />
    </>
  );
}

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
