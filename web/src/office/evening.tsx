// One evening: what was set, whether booking is open, and the ways to everything about it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { newAttempt } from "../http/ask";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { useTimes } from "../parts/appointment";
import { Checkboxes } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { CancelledNote } from "../parts/evening-caption";
import { BusyButton, FormView, type Problems, useForm } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Loaded, type Resource, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { Evening, EveningPerson, Queued } from "../wire/messages";
import { BookingTag } from "./booking-tag";
import { CancelEvening } from "./cancel-evening";
import { type ClosingTime, ClosingTimeFields, closingTime } from "./closing-time";
import { Managers } from "./managers";
import { useMay } from "./may";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

/** An evening's own pages are headed by its name. */
export function useEvening(id: string): Resource<Evening> {
  const { api } = useOffice();
  return useResource(() => api.evening(id), [id]);
}

/** Whether it takes place, and is not over: until then people are invited and written to. */
export function takesPlace({ booking, ends }: Evening): boolean {
  return booking !== "cancelled" && Date.now() < Date.parse(ends);
}

export function EveningPage({ id }: { readonly id: string }) {
  const text = useText();
  const may = useMay();
  const evening = useEvening(id);
  return (
    <OfficePage
      name="evening"
      heading={evening.value?.set.name ?? text("evening_title")}
      back={{ to: "", label: text("office_evenings") }}
    >
      <Loaded of={evening}>
        {(given) => (
          <>
            {given.cancelled !== undefined && <CancelledNote words={given.cancelled} />}
            <Facts evening={given} />
            {given.booking !== "cancelled" && may("evening", id) && (
              <>
                <Door evening={given} reload={evening.reload} />
                <Links evening={given} reload={evening.reload} />
              </>
            )}
            <Places id={id} />
            {may("run") && <Managers id={id} />}
            {given.booking !== "cancelled" && may("run") && (
              <CancelEvening evening={given} set={evening.set} />
            )}
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

function Facts({ evening }: { readonly evening: Evening }) {
  const text = useText();
  const may = useMay();
  const { id, set, starts, ends, booked, confirmations } = evening;
  const times = useTimes(set.time_zone);
  const classes =
    set.classes === undefined
      ? text("evening_classes_all")
      : text("evening_classes_some", { count: set.classes.length });
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    [text("evening_date"), times.date(starts)],
    [text("evening_times"), `${times.span(starts, ends)} (${times.zoneName(starts)})`],
    [
      text("evening_slots"),
      text("evening_slots_value", { minutes: set.slot_minutes, gap: set.gap_minutes }),
    ],
    [text("office_classes"), classes],
    [text("evening_appointments"), String(booked)],
    [text("evening_confirmations"), String(confirmations)],
  ];
  return (
    <>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {evening.booking !== "cancelled" && may("run") && (
        <p>
          <GoTo to={`evenings/${encodeURIComponent(id)}/edit`}>{text("evening_edit")}</GoTo>
        </p>
      )}
    </>
  );
}

type DoorProps = {
  readonly evening: Evening;
  readonly reload: () => Promise<void>;
};

function Door({ evening, reload }: DoorProps) {
  const { id, booking, starts, set: draft, confirmations } = evening;
  const text = useText();
  const times = useTimes(draft.time_zone);
  const door = {
    open: {
      open: true,
      does: text("booking_door_open_it"),
      asks: text("booking_open_ask"),
      sends: text("booking_open_sends"),
      hint: text("links_ask_text"),
    },
    close: {
      open: false,
      does: text("booking_door_close"),
      asks: text("booking_close_ask"),
      sends: text("booking_close_sends"),
      hint: text("booking_close_hint"),
    },
  };
  return (
    <section class="section" aria-labelledby="door">
      <h2 id="door">{text("booking_door")}</h2>
      <p>
        <BookingTag booking={booking} />
      </p>
      {booking === "open" && draft.booking_closes !== undefined && (
        <p>{text("booking_door_until", { moment: times.moment(draft.booking_closes) })}</p>
      )}
      {booking === "open" ? (
        // Where nobody was written to of it, nobody is of its end.
        <Move key="close" id={id} to={door.close} first={confirmations > 0} reload={reload} />
      ) : hasClosed(draft.booking_closes ?? starts) ? (
        <Reopen
          id={id}
          to={{ ...door.open, sends: text("booking_open_again") }}
          zone={draft.time_zone}
          first={confirmations > 0}
          reload={reload}
        />
      ) : (
        <Move key="open" id={id} to={door.open} first reload={reload} />
      )}
    </section>
  );
}

/** What the door of booking is moved to, in words. */
type To = {
  readonly open: boolean;
  readonly does: string;
  readonly asks: string;
  readonly sends: string;
  readonly hint: string;
};

type MoveProps = {
  readonly id: string;
  readonly to: To;
  /** Whether parents are written to unless the office wishes otherwise. */
  readonly first: boolean;
  readonly reload: () => Promise<void>;
};

/** Opening sends every parent a link to book by, and closing what they have booked (EVE-5). */
function Move(props: MoveProps) {
  const { open, does } = props.to;
  const asking = useSignal(false);
  return (
    <>
      <BusyButton
        kind={open ? "primary" : "secondary"}
        busy={false}
        onPress={() => {
          asking.value = true;
        }}
      >
        {does}
      </BusyButton>
      {asking.value && (
        <Ask
          {...props}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </>
  );
}

type AskProps = MoveProps & {
  /** When it is to close by itself, where that is another moment than before. */
  readonly closes?: string;
  readonly onClose: () => void;
};

/** Who is written to, before anything is done: that and the telling are one press. */
function Ask({ id, to, first, reload, closes, onClose }: AskProps) {
  const { open, does, asks, sends: says, hint } = to;
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const sends = useSignal(first);
  // An answer that is lost does not have it done twice.
  const attempt = useSignal(newAttempt());
  const act = useAct(() =>
    api.setBooking(id, {
      open,
      tells: sends.value,
      attempt: attempt.value,
      ...(closes === undefined ? {} : { closes }),
    }),
  );
  const close = () => {
    onClose();
    void reload();
  };
  return (
    <Confirm
      title={asks}
      action={does}
      busy={act.busy}
      problem={act.problem}
      harmless
      onClose={close}
      onConfirm={() =>
        void act.run(({ told }) => {
          if (told !== undefined) {
            const { queued: count, without_address: without } = told;
            const news = text("links_queued", { count, without });
            replace(`evenings/${encodeURIComponent(id)}`, news);
          } else if (sends.value) {
            const news = text(open ? "booking_open_already" : "booking_close_already");
            replace(`evenings/${encodeURIComponent(id)}`, news);
          }
          close();
        })
      }
    >
      <Tells
        says={says}
        hint={hint}
        sends={sends.value}
        onChange={(now) => {
          sends.value = now;
          // Something else is wished: that is another press.
          attempt.value = newAttempt();
        }}
      />
      {sends.value && <WhoGets id={id} whose="parents" closes={!open} />}
    </Confirm>
  );
}

type TellsProps = {
  readonly says: string;
  readonly hint: string;
  readonly sends: boolean;
  readonly onChange: (sends: boolean) => void;
};

function Tells({ says, hint, sends, onChange }: TellsProps) {
  const text = useText();
  return (
    <Checkboxes
      name="sends"
      legend={text("booking_open_tell")}
      hint={hint}
      choices={[{ value: "sends", label: says }]}
      chosen={sends ? ["sends"] : []}
      onChange={(chosen) => onChange(chosen.length > 0)}
    />
  );
}

function hasClosed(closes: string): boolean {
  return Date.parse(closes) <= Date.now();
}

/** Once its closing time has passed, booking opens until another. */
function Reopen({ zone, ...props }: MoveProps & { readonly zone: string }) {
  const text = useText();
  const asked = useSignal<string | null>(null);
  const form = useForm<ClosingTime, string>({
    initial: { closes_date: "", closes_time: "" },
    names: { booking_closes: "closes_date" },
    check: (values): Problems<ClosingTime> =>
      closingTime(values, zone) === null ? { closes_date: text("evening_closes_wrong") } : {},
    send: async (values) => ({ type: "given", body: closingTime(values, zone) ?? "" }),
    done: (closes) => {
      asked.value = closes;
    },
  });
  return (
    <>
      <p>{text("booking_door_passed")}</p>
      <FormView form={form} action={props.to.does}>
        <ClosingTimeFields form={form} />
      </FormView>
      {asked.value !== null && (
        <Ask
          {...props}
          closes={asked.value}
          onClose={() => {
            asked.value = null;
          }}
        />
      )}
    </>
  );
}

type LinksProps = { readonly evening: Evening; readonly reload: () => Promise<void> };

function Links({ evening, reload }: LinksProps) {
  const text = useText();
  return (
    <section class="section" aria-labelledby="links">
      <h2 id="links">{text("links_title")}</h2>
      <p>{text("links_text")}</p>
      <div class="actions">
        <Send evening={evening} reload={reload} whose="parents" />
        <Send evening={evening} reload={reload} whose="teachers" />
      </div>
    </section>
  );
}

type SendProps = LinksProps & { readonly whose: "parents" | "teachers" };

/** E-mails to many people are asked about once more. */
function Send({ evening: { id }, reload, whose }: SendProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const asking = useSignal(false);
  const act = useAct<Queued>(() =>
    whose === "parents" ? api.sendConfirmations(id) : api.sendTeacherLinks(id),
  );
  const close = () => {
    asking.value = false;
  };
  return (
    <>
      <button
        type="button"
        class="secondary"
        onClick={() => {
          asking.value = true;
        }}
      >
        {text(`links_send_${whose}`)}
      </button>
      {asking.value && (
        <Confirm
          title={text(`links_ask_${whose}`)}
          action={text("links_send")}
          busy={act.busy}
          problem={act.problem}
          harmless
          onClose={close}
          onConfirm={() =>
            void act.run(({ queued, without_address: without }) => {
              close();
              replace(
                `evenings/${encodeURIComponent(id)}`,
                text("links_queued", { count: queued, without }),
              );
              void reload();
            })
          }
        >
          <p>{text("links_ask_text")}</p>
          <WhoGets id={id} whose={whose} />
        </Confirm>
      )}
    </>
  );
}

type WhoProps = {
  readonly id: string;
  readonly whose: "parents" | "teachers";
  /** Whether it says that booking has closed: to those alone who know that it was open. */
  readonly closes?: boolean;
};

function knows({ has_link: hasLink, appointments }: EveningPerson): boolean {
  return hasLink === true || appointments > 0;
}

/** How many and who, before anything is sent. */
function WhoGets({ id, whose, closes = false }: WhoProps) {
  const { api } = useOffice();
  const text = useText();
  const people = useResource(() => api.people(id), [id]);
  const theirs = people.value?.[whose];
  if (theirs === undefined) {
    return null;
  }
  const all = closes ? theirs.filter(knows) : theirs;
  const written = all.filter(({ email }) => email !== "");
  const again = written.filter(({ mail }) => mail !== undefined);
  const without = all.filter(({ email }) => email === "");
  return (
    <>
      <p>{text("links_ask_count", { count: written.length })}</p>
      {again.length > 0 && !closes && <p>{text("links_ask_again", { count: again.length })}</p>}
      {without.length > 0 && (
        <p>{text("links_ask_without", { label: without.map(({ name }) => name).join(", ") })}</p>
      )}
    </>
  );
}

function Places({ id }: { readonly id: string }) {
  const text = useText();
  const may = useMay();
  const at = `evenings/${encodeURIComponent(id)}`;
  return (
    <section class="section" aria-labelledby="places">
      <h2 id="places">{text("evening_more")}</h2>
      <ul class="links">
        <li>
          <GoTo to={`${at}/live`}>{text("live_title")}</GoTo>
        </li>
        <li>
          <GoTo to={`${at}/bookings`}>{text("office_bookings_title")}</GoTo>
        </li>
        {may("evening", id) && (
          <li>
            <GoTo to={`${at}/people`}>{text("people_title")}</GoTo>
          </li>
        )}
        {may("run") && (
          <li>
            <GoTo to={`${at}/invitations`}>{text("office_invitations_title")}</GoTo>
          </li>
        )}
      </ul>
    </section>
  );
}

/** Why something could not be done. */
export function Trouble({ problem }: { readonly problem: string | null }) {
  return problem === null ? null : (
    <p class="problem" role="alert">
      {problem}
    </p>
  );
}
