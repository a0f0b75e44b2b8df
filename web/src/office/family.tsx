// A parent's appointments in an evening, for the office to book, move and cancel (EVE-2): on the
// phone, and after booking has closed.

import { useSignal } from "@preact/signals";
import { type ComponentChildren, createContext } from "preact";
import { useContext, useId, useMemo } from "preact/hooks";
import { type Navigation, NavigationContext, useNavigation, within } from "../navigation";
import { CancelDialog } from "../pages/parent/cancel";
import { ChooseSlotPage } from "../pages/parent/choose-slot";
import { type Family, FamilyContext, type Frame, useFamily } from "../pages/parent/family";
import { MovePage } from "../pages/parent/move";
import { useReadersTimes } from "../parts/appointment";
import { EveningCaption, ZoneNote } from "../parts/evening-caption";
import { GoTo } from "../parts/go-to";
import { useNames } from "../parts/names";
import { Loaded, useResource } from "../parts/resource";
import { type Route, Routes } from "../parts/routes";
import { useText } from "../text/context";
import { isTextKey, type Text } from "../text/text";
import type {
  BookingView,
  ClassView,
  ContactPerson,
  ParentView,
  StudentView,
} from "../wire/messages";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

const ROUTES: readonly Route[] = [
  [
    "book/:/:",
    (student = "", subject = "") => <ChooseSlotPage student={student} subject={subject} />,
  ],
  ["move/:", (booking = "") => <MovePage booking={booking} />],
];

type Props = { readonly evening: string; readonly contact: string };

export function FamilyPages({ evening, contact }: Props) {
  const { api } = useOffice();
  const text = useText();
  const outer = useNavigation();
  const at = `evenings/${encodeURIComponent(evening)}`;
  const inner = useMemo(
    () => within(outer, `${at}/parents/${encodeURIComponent(contact)}`),
    [outer, at, contact],
  );
  const view = useResource(() => api.family(evening, contact), [evening, contact]);
  const person = useResource(() => api.contact(contact), [contact]);
  const say = useMemo(() => toTheOffice(text), [text]);
  if (view.value === null) {
    return (
      <OfficePage name="family" heading={text("contact_title")} back={peopleOf(at, text)}>
        <Loaded of={view}>{() => null}</Loaded>
      </OfficePage>
    );
  }
  const family: Family = {
    api: api.bookingFor(evening, contact),
    view: view.value,
    reload: view.reload,
    list: "",
    Frame: InnerFrame,
    say,
    sayIn: toTheOffice,
  };
  return (
    <OuterContext.Provider value={outer}>
      <NavigationContext.Provider value={inner}>
        <FamilyContext.Provider value={family}>
          <Routes
            routes={ROUTES}
            otherwise={<Appointments view={view.value} at={at} person={person.value} />}
          />
        </FamilyContext.Provider>
      </NavigationContext.Provider>
    </OuterContext.Provider>
  );
}

const peopleOf = (at: string, text: Text) => ({ to: `${at}/people`, label: text("people_title") });

/** The same words, but for those that call the parent "you". */
function toTheOffice(text: Text): Text {
  return (key, values) => {
    const own = `office_${key}`;
    return text(isTextKey(own) ? own : key, values);
  };
}

/** The office's own navigation, around that of one parent's pages. */
const OuterContext = createContext<Navigation | null>(null);

type OuterProps = {
  readonly name: string;
  readonly heading: string;
  readonly back: { readonly to: string; readonly label: string };
  readonly children: ComponentChildren;
};

/** The office's frame leads to the office's pages; what is in it to this parent's. */
function OuterFrame({ children, ...frame }: OuterProps) {
  const outer = useContext(OuterContext);
  const inner = useNavigation();
  return (
    <NavigationContext.Provider value={outer}>
      <OfficePage {...frame}>
        <NavigationContext.Provider value={inner}>{children}</NavigationContext.Provider>
      </OfficePage>
    </NavigationContext.Provider>
  );
}

const InnerFrame: Frame = ({ name, heading, children }) => {
  const { view } = useFamily();
  const back = { to: useNavigation().base, label: view.name };
  return (
    <OuterFrame name={name} heading={heading} back={back}>
      {children}
    </OuterFrame>
  );
};

type AppointmentsProps = {
  readonly view: ParentView;
  readonly at: string;
  readonly person: ContactPerson | null;
};

function Appointments({ view, at, person }: AppointmentsProps) {
  const text = useText();
  const open = view.booking === "open";
  return (
    <OuterFrame name="family" heading={view.name} back={peopleOf(at, text)}>
      <EveningCaption evening={view.evening} />
      {open && <p>{text("family_text")}</p>}
      {open && person !== null && <Told email={person.email} />}
      <ZoneNote evening={view.evening} />
      {view.students.length === 0 && <p>{text("family_no_students")}</p>}
      {view.students.map((student) => (
        <section key={student.id} class="section" aria-labelledby={`student-${student.id}`}>
          <h2 id={`student-${student.id}`}>{student.name}</h2>
          <ul class="list">
            {student.classes.map((one) => (
              <Item key={one.id} student={student} subject={one} open={open} />
            ))}
          </ul>
        </section>
      ))}
    </OuterFrame>
  );
}

/** Who hears of it without being phoned. */
function Told({ email }: { readonly email: string }) {
  const text = useText();
  return email === "" ? (
    <p class="note">{text("family_not_told")}</p>
  ) : (
    <p>{text("family_told", { email })}</p>
  );
}

type ItemProps = {
  readonly student: StudentView;
  readonly subject: ClassView;
  readonly open: boolean;
};

function Item({ student, subject, open }: ItemProps) {
  const text = useText();
  const names = useNames();
  const { view } = useFamily();
  const heading = useId();
  const booking = view.bookings.find(({ appointment }) => appointment.id === subject.booked);
  const path = `book/${encodeURIComponent(student.id)}/${encodeURIComponent(subject.id)}`;
  return (
    <li data-appointment={subject.booked}>
      <h3 id={heading}>
        {subject.subject} <span class="visually-hidden">{student.name}</span>
      </h3>
      <p>{names(subject.teachers)}</p>
      {booking !== undefined ? (
        <Booked booking={booking} describedBy={heading} open={open} />
      ) : (
        <>
          <p>{text("family_not_booked")}</p>
          {open && (
            <div class="actions">
              <GoTo to={path} class="button secondary" describedBy={heading}>
                {text("family_book")}
              </GoTo>
            </div>
          )}
        </>
      )}
    </li>
  );
}

type BookedProps = {
  readonly booking: BookingView;
  readonly describedBy: string;
  readonly open: boolean;
};

function Booked({ booking, describedBy, open }: BookedProps) {
  const text = useText();
  const { view } = useFamily();
  const times = useReadersTimes(view.evening.time_zone);
  const cancelling = useSignal(false);
  const { appointment, note } = booking;
  return (
    <>
      <p class="when">
        {times.span(appointment.starts, appointment.ends)}{" "}
        {appointment.phase === "now" && <span class="tag good">{text("appointment_now")}</span>}
        {appointment.phase === "over" && <span class="tag">{text("appointment_over")}</span>}
      </p>
      {note !== "" && <p class="hint">{text("teacher_note", { note })}</p>}
      {open && appointment.phase !== "over" && (
        <div class="actions">
          <GoTo
            to={`move/${encodeURIComponent(appointment.id)}`}
            class="button secondary"
            describedBy={describedBy}
          >
            {text("booking_move")}
          </GoTo>
          <button
            type="button"
            class="secondary"
            aria-describedby={describedBy}
            onClick={() => {
              cancelling.value = true;
            }}
          >
            {text("booking_cancel")}
          </button>
        </div>
      )}
      {cancelling.value && (
        <CancelDialog
          booking={booking}
          onClose={() => {
            cancelling.value = false;
          }}
        />
      )}
    </>
  );
}
