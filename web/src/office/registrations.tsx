// "User Invitations": which contacts have an account, and who is invited to have one (DIR-2 to DIR-5).

import { useSignal } from "@preact/signals";
import { useAct } from "../parts/act";
import { Tick } from "../parts/choices";
import { Email } from "../parts/email";
import { BusyButton } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { TextKey } from "../text/text";
import type { Times } from "../text/times";
import { MOST_INVITED } from "../wire/limits";
import type {
  Hindrance,
  Pupil,
  PupilContact,
  RegistrationLetters,
  RegistrationState,
} from "../wire/messages";
import { LettersPage } from "./letters";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { Pager, usePaging } from "./paging";
import { Review, type Whom } from "./registrations-review";
import { useSchoolTimes } from "./school-times";
import { Search } from "./search";

export function RegistrationsPage() {
  const { api } = useOffice();
  const text = useText();
  const search = useSignal("");
  const paging = usePaging();
  const ticked = useSignal<ReadonlyMap<string, Whom>>(new Map());
  const parents = useSignal(false);
  const reviewing = useSignal(false);
  const byText = useSignal(false);
  const problem = useSignal("");
  const letters = useSignal<RegistrationLetters | null>(null);
  const pupils = useResource(
    () => api.pupils(search.value, paging.after),
    [search.value, paging.after],
  );
  const toggle = (pupil: Pupil, contact: PupilContact, on: boolean) => {
    const all = new Map(ticked.value);
    if (on) {
      all.set(contact.id, { ...contact, students: [pupil.name] });
    } else {
      all.delete(contact.id);
    }
    ticked.value = all;
    problem.value = "";
  };
  const times = useSchoolTimes();
  const undelivered = useResource(() => api.registrationProgress(), []);
  const reinvite = (whom: Whom) => {
    parents.value = false;
    byText.value = false;
    ticked.value = new Map([[whom.id, whom]]);
    reviewing.value = true;
  };
  const ways: Ways = {
    again: reinvite,
    text: (whom) => {
      reinvite({ ...whom, by: "text" });
      byText.value = true;
    },
    letter: (made) => {
      letters.value = made;
      over();
    },
  };
  const send = () => {
    byText.value = false;
    const { size } = ticked.value;
    if (size === 0 && !parents.value) {
      problem.value = text("registrations_nobody");
    } else if (size > MOST_INVITED && !parents.value) {
      problem.value = text("registrations_too_many", { count: size, most: MOST_INVITED });
    } else {
      problem.value = "";
    }
    reviewing.value = problem.value === "";
  };
  const over = () => {
    reviewing.value = false;
    parents.value = false;
    ticked.value = new Map();
    void pupils.reload();
    void undelivered.reload();
  };
  if (letters.value !== null) {
    const close = () => {
      letters.value = null;
      // Meanwhile somebody may have come by theirs.
      void pupils.reload();
      void undelivered.reload();
    };
    return <LettersPage letters={letters.value} onClose={close} />;
  }
  return (
    <OfficePage name="registrations" heading={text("registrations_title")}>
      <p>{text("registrations_text")}</p>
      <NotDelivered whom={undelivered.value?.undelivered ?? []} ways={ways} />
      <Search
        label={text("registrations_search")}
        onSearch={(words) => {
          search.value = words;
          paging.begin();
        }}
      />
      <Tick
        name="parents"
        label={text("registrations_parents")}
        hint={text("registrations_parents_hint")}
        on={parents.value}
        onChange={(on) => {
          parents.value = on;
          problem.value = "";
        }}
      />
      <div class="actions">
        <button type="button" class="primary" onClick={send}>
          {text("registrations_send")}
        </button>
        <p role="status">
          {parents.value
            ? text("registrations_all_chosen")
            : text("registrations_chosen", { count: ticked.value.size })}
        </p>
      </div>
      {problem.value !== "" && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <Loaded of={pupils}>
        {(page) => (
          <>
            <p>
              {page.total > 0
                ? text("registrations_count", { count: page.total })
                : text(
                    search.value === "" ? "registrations_no_pupils" : "registrations_none_found",
                  )}
            </p>
            <ul class="list">
              {page.pupils.map((pupil) => (
                <PupilItem
                  key={pupil.id}
                  pupil={pupil}
                  times={times}
                  isTicked={(id) => ticked.value.has(id)}
                  toggle={(contact, on) => toggle(pupil, contact, on)}
                  ways={ways}
                />
              ))}
            </ul>
            <Pager
              paging={paging}
              next={page.next}
              less="registrations_less"
              more="registrations_more"
            />
          </>
        )}
      </Loaded>
      <Nothing />
      {reviewing.value && (
        <Review
          byText={byText.value}
          chosen={parents.value ? null : [...ticked.value.values()]}
          onClose={(sent) => {
            if (sent) {
              over();
            } else {
              reviewing.value = false;
            }
          }}
          onLetters={(made) => {
            letters.value = made;
            over();
          }}
        />
      )}
    </OfficePage>
  );
}

type PupilProps = {
  readonly pupil: Pupil;
  /** The school's, once they are known. */
  readonly times: Times | null;
  readonly isTicked: (id: string) => boolean;
  readonly toggle: (contact: PupilContact, on: boolean) => void;
  readonly ways: Ways;
};

function PupilItem({ pupil, times, isTicked, toggle, ways }: PupilProps) {
  const text = useText();
  const { id, name, homeroom, contacts } = pupil;
  return (
    <li>
      <h2>{homeroom === "" ? name : `${name}, ${homeroom}`}</h2>
      {contacts.length === 0 ? (
        <p>
          <GoTo to={`students/${encodeURIComponent(id)}`}>
            {text("registrations_none_linked")}
            <span class="visually-hidden"> {name}</span>
          </GoTo>
        </p>
      ) : (
        contacts.map((contact) => (
          <ContactTick
            key={contact.id}
            contact={contact}
            times={times}
            on={isTicked(contact.id)}
            page={`contacts/${encodeURIComponent(contact.id)}/of/${encodeURIComponent(id)}`}
            onChange={(on) => toggle(contact, on)}
            whom={{ ...contact, students: [name] }}
            ways={ways}
          />
        ))
      )}
    </li>
  );
}

type ContactProps = {
  readonly contact: PupilContact;
  readonly times: Times | null;
  /** The contact's page. */
  readonly page: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly whom: Whom;
  readonly ways: Ways;
};

function ContactTick({ contact, times, page, on, onChange, whom, ways }: ContactProps) {
  const text = useText();
  const { id, name, email, mobile, by, state, hindrance } = contact;
  const isInvitable = hindrance === undefined && state !== "registered";
  const why = hindrance === undefined ? undefined : WHY[hindrance];
  return (
    <div class="section">
      <label class="check">
        <input
          type="checkbox"
          name="contact"
          value={id}
          checked={on}
          disabled={!isInvitable}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        <span>
          {name} <Lozenges contact={contact} times={times} />
          {email !== "" && (
            <span class="hint">
              <Email address={email} />
            </span>
          )}
          {by === "text" && mobile !== undefined && (
            <span class="hint">{text("registrations_by_text", { mobile })}</span>
          )}
          {by === "letter" && <span class="hint">{text("registrations_by_letter")}</span>}
          {why !== undefined && <span class="hint">{text(why)}</span>}
        </span>
      </label>
      <p class="hint">
        <GoTo to={page}>
          {text("registrations_details")}
          <span class="visually-hidden"> {name}</span>
        </GoTo>
      </p>
      {state === "expired" && isInvitable && (
        <div class="actions">
          <button type="button" class="secondary" onClick={() => ways.again(whom)}>
            {text("registrations_reinvite")}
            <span class="visually-hidden"> {name}</span>
          </button>
        </div>
      )}
      <WaysOn whom={whom} ways={ways} />
    </div>
  );
}

/** How somebody is invited whom nothing reached. */
type Ways = {
  readonly again: (whom: Whom) => void;
  readonly text: (whom: Whom) => void;
  readonly letter: (letters: RegistrationLetters) => void;
};

type NotDeliveredProps = { readonly whom: readonly Whom[]; readonly ways: Ways };

/** All whom nothing reached, whichever pupils are listed. */
function NotDelivered({ whom, ways }: NotDeliveredProps) {
  const text = useText();
  if (whom.length === 0) {
    return null;
  }
  return (
    <section class="section" aria-labelledby="undelivered">
      <h2 id="undelivered">{text("registrations_not_delivered", { count: whom.length })}</h2>
      <ul class="list">
        {whom.map((one) => (
          <li key={one.id}>
            <h3>{one.name}</h3>
            <p>
              <Email address={one.email} /> ({one.students.join(", ")})
            </p>
            <WaysOn whom={one} ways={ways} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function WaysOn({ whom, ways }: { readonly whom: Whom; readonly ways: Ways }) {
  const { api } = useOffice();
  const text = useText();
  const { id, name, undelivered } = whom;
  const making = useAct(() => api.printRegistrations([id]));
  if (undelivered === undefined) {
    return null;
  }
  const named = <span class="visually-hidden"> {name}</span>;
  return (
    <div class="note">
      <p>{text("registrations_undelivered_reason", { reason: undelivered.reason })}</p>
      <p>
        <GoTo to={`contacts/${encodeURIComponent(id)}`}>
          {text("registrations_other_address")}
          {named}
        </GoTo>
      </p>
      {making.problem !== null && (
        <p class="problem" role="alert">
          {making.problem}
        </p>
      )}
      <div class="actions">
        <button type="button" class="secondary" onClick={() => ways.again(whom)}>
          {text("registrations_reinvite")}
          {named}
        </button>
        {undelivered.otherwise === "text" && (
          <button type="button" class="secondary" onClick={() => ways.text(whom)}>
            {text("registrations_text_instead")}
            {named}
          </button>
        )}
        <BusyButton
          kind="secondary"
          busy={making.busy}
          onPress={() => void making.run(ways.letter)}
        >
          {text("registrations_letter_instead")}
          {named}
        </BusyButton>
      </div>
    </div>
  );
}

const WHY: Readonly<Record<Hindrance, TextKey | undefined>> = {
  court_order: "registrations_why_order",
  waits: "registrations_why_waits",
  unknown: undefined,
};

/** How a contact stands: whether they have an account, and what has become of their invitation. */
function Lozenges({ contact, times }: Pick<ContactProps, "contact" | "times">) {
  const text = useText();
  const { email, state, until, hindrance, undelivered } = contact;
  const moment = until === undefined ? undefined : times?.moment(until);
  return (
    <>
      <span class={state === "registered" ? "tag good" : "tag"}>{text(STATES[state])}</span>{" "}
      {undelivered !== undefined && (
        <span class="tag bad">{text("registrations_undelivered")}</span>
      )}
      {state === "invited" && undelivered === undefined && moment !== undefined && (
        <span class="tag good">{text("registrations_invited", { moment })}</span>
      )}
      {state === "expired" && <span class="tag bad">{text("registrations_expired")}</span>}{" "}
      {hindrance === "court_order" && (
        <span class="tag bad">{text("registrations_court_order")}</span>
      )}
      {hindrance === "waits" && <span class="tag bad">{text("contact_waits")}</span>}
      {email === "" && <span class="tag">{text("registrations_no_address")}</span>}
    </>
  );
}

const STATES: Readonly<Record<RegistrationState, TextKey>> = {
  registered: "registrations_registered",
  not_registered: "registrations_not_registered",
  invited: "registrations_not_registered",
  expired: "registrations_not_registered",
  unknown: "registrations_not_registered",
};

/** What to do when nothing arrives. */
function Nothing() {
  const text = useText();
  return (
    <section class="section" aria-labelledby="nothing">
      <h2 id="nothing">{text("registrations_nothing")}</h2>
      <ul class="points">
        <li>{text("registrations_nothing_spam")}</li>
        <li>{text("registrations_nothing_address")}</li>
        <li>{text("registrations_nothing_again")}</li>
      </ul>
    </section>
  );
}
