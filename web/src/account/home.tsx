// What an account shows: students, evenings with what is booked, guests, and one's own details.

import { useSignal } from "@preact/signals";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { BusyButton } from "../parts/form";
import { HatSection } from "../parts/hat";
import { Page } from "../parts/page";
import { Loaded, useResource } from "../parts/resource";
import { useLanguage, useText } from "../text/context";
import { timesBesides } from "../text/times";
import type { Account, AccountEvening, AccountHome, AccountPerson } from "../wire/messages";
import { useAccount } from "./account";
import { OwnAddress } from "./address";
import { byPassword, PasswordField } from "./fields";
import { Names } from "./names";
import { OtherParents } from "./other-parents";
import { OwnDetails } from "./own-details";

export function HomePage({ account }: { readonly account: Account }) {
  const { api } = useAccount();
  const text = useText();
  const home = useResource(() => api.home(), []);
  return (
    <Page state="account" heading={text("account_title_of", { school: account.school })}>
      <Loaded of={home}>
        {(given) => <Home home={given} school={account.school} reload={home.reload} />}
      </Loaded>
      {home.value?.hat !== undefined && (
        <HatSection
          at="account"
          hat={home.value.hat}
          make={api.makeHat}
          unmake={api.unmakeHat}
          reload={home.reload}
        />
      )}
      <section class="section" aria-labelledby="own">
        <h2 id="own">{text("account_own")}</h2>
        <OwnAddress
          email={account.email}
          waits={home.value?.new_address}
          hasHat={home.value?.hat === "stands"}
          reload={home.reload}
        />
        <p>{text("account_emails")}</p>
        <div class="actions">
          <button type="button" class="secondary" onClick={() => void api.signOut()}>
            {text("office_sign_out")}
          </button>
          <Close hasHat={home.value?.hat === "stands"} />
        </div>
      </section>
    </Page>
  );
}

type HomeProps = {
  readonly home: AccountHome;
  readonly school: string;
  readonly reload: () => Promise<void>;
};

function Home({ home: { people, evenings, may_name: mayName }, school, reload }: HomeProps) {
  const text = useText();
  if (people.length === 0) {
    return <p class="note">{text("account_nothing")}</p>;
  }
  const toCome = evenings.filter((it) => it.is_over !== true);
  const over = evenings.filter((it) => it.is_over === true).reverse();
  return (
    <>
      <section class="section" aria-labelledby="evenings">
        <h2 id="evenings">{text("office_evenings")}</h2>
        {toCome.length === 0 ? (
          <p>{text("account_no_evenings")}</p>
        ) : (
          <Evenings evenings={toCome} />
        )}
        {over.length > 0 && (
          <details>
            <summary>{text("account_past_evenings")}</summary>
            <Evenings evenings={over} />
          </details>
        )}
      </section>
      <section class="section" aria-labelledby="students">
        <h2 id="students">{text("account_students")}</h2>
        <ul class="list">
          {people.map((person) => (
            <Person
              key={person.id}
              person={person}
              school={school}
              mayName={mayName}
              reload={reload}
            />
          ))}
        </ul>
      </section>
    </>
  );
}

function Evenings({ evenings }: { readonly evenings: readonly AccountEvening[] }) {
  return (
    <ul class="list">
      {evenings.map((evening) => (
        <Evening key={`${evening.id} ${evening.contact}`} evening={evening} />
      ))}
    </ul>
  );
}

const shown = (...parts: readonly string[]) => parts.filter((part) => part !== "").join(", ");

type PersonProps = {
  readonly person: AccountPerson;
  readonly school: string;
  readonly mayName: boolean;
  readonly reload: () => Promise<void>;
};

function Person({ person, school, mayName, reload }: PersonProps) {
  const { api } = useAccount();
  const text = useText();
  return (
    <li>
      <h3>{person.name}</h3>
      <p>
        {person.email === ""
          ? text("account_no_address")
          : text("account_writes_to", { email: person.email })}
      </p>
      {person.has_other_address && <p class="note">{text("account_other_address")}</p>}
      <ul class="points">
        {person.students.map(({ id, name, homeroom, relationship, others }) => (
          <li key={id}>
            {shown(name, homeroom, relationship)}
            {others.length > 0 && (
              <ul class="points">
                {others.map(({ name: other, email, telephone }) => (
                  <li key={`${other} ${email}`}>{shown(other, email, telephone)}</li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
      <p class="hint">{text("account_details_hint")}</p>
      <OwnDetails person={person} school={school} reload={reload} />
      <Names person={person} reload={reload} />
      <OtherParents
        heading="h3"
        students={person.students}
        named={person.named}
        mayName={mayName && person.students.length > 0}
        send={(request) => api.nameParent(person.id, request)}
        reload={reload}
      />
    </li>
  );
}

function Evening({ evening }: { readonly evening: AccountEvening }) {
  const { api } = useAccount();
  const text = useText();
  const { locale } = useLanguage();
  const times = timesBesides(locale, evening.time_zone, (time, own) =>
    text("times_yours", { time, own }),
  );
  const act = useAct(() => api.evening(evening.contact, evening.id));
  const isOpen = evening.booking === "open";
  return (
    <li>
      <h3>{evening.name}</h3>
      <p class="when">{times.moment(evening.starts)}</p>
      {evening.booking === "cancelled" && (
        <p>
          <span class="tag bad">{text("account_evening_cancelled")}</span>
        </p>
      )}
      {evening.appointments.length === 0 ? (
        <p>{text(isOpen ? "account_not_booked" : "account_none_booked")}</p>
      ) : (
        <ul class="points">
          {evening.appointments.map(({ starts, ends, student, subject, teachers }) => (
            <li key={starts}>
              {[times.span(starts, ends), student, subject, teachers.join(", ")].join(" · ")}
            </li>
          ))}
        </ul>
      )}
      {evening.guests.length > 0 && (
        <p>{text("account_guests", { names: evening.guests.join(", ") })}</p>
      )}
      {evening.is_over !== true && (
        <div class="actions">
          <BusyButton
            kind={isOpen ? "primary" : "secondary"}
            busy={act.busy}
            onPress={() => void act.run(({ url }) => location.assign(url))}
          >
            {text(isOpen ? "account_book" : "account_open")}
            <span class="visually-hidden"> {evening.name}</span>
          </BusyButton>
        </div>
      )}
      {act.problem !== null && (
        <p class="problem" role="alert">
          {act.problem}
        </p>
      )}
    </li>
  );
}

/** The school keeps what it knows; only the account is gone. */
function Close({ hasHat }: { readonly hasHat: boolean }) {
  const { api } = useAccount();
  const text = useText();
  const asking = useSignal(false);
  const password = useSignal("");
  const act = useAct(() => byPassword(api.close(password.value), text));
  return (
    <>
      <button
        type="button"
        class="link"
        onClick={() => {
          asking.value = true;
        }}
      >
        {text("account_close")}
      </button>
      {asking.value && (
        <Confirm
          title={text("account_close")}
          action={text("account_close")}
          busy={act.busy}
          problem={act.problem}
          onConfirm={() => void act.run(() => undefined)}
          onClose={() => {
            asking.value = false;
          }}
        >
          <p>{text("account_close_text")}</p>
          {hasHat && <p>{text("hat_close")}</p>}
          <PasswordField
            form={{
              values: { password: password.value },
              set: (_, typed) => {
                password.value = typed;
              },
            }}
          />
        </Confirm>
      )}
    </>
  );
}
