// A teacher's evening: who is next, the list, and Join.

import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import { askTeacher, type Link } from "../http/links";
import { useNavigation } from "../navigation";
import { AppointmentCard } from "../parts/appointment";
import { EveningCaption, ZoneNote } from "../parts/evening-caption";
import { GoTo } from "../parts/go-to";
import { JoinNoticeNote } from "../parts/join-notice";
import { LinkPage } from "../parts/link-page";
import { MediaCheck } from "../parts/media-check";
import { PresentList } from "../parts/present";
import { Loaded, useEvery, useShown } from "../parts/resource";
import { GlanceWhenHere, OwnLineWhenHere } from "../parts/waiting-later";
import { Whose } from "../parts/whose";
import { useText } from "../text/context";
import type { EveningView, LinkView, TeacherAppointment, TeacherView } from "../wire/messages";
import { DeviceCheckPage } from "./device-check";

/** Who is in a call is looked at this often. */
const LOOK_EVERY_MS = 10_000;

const showed = new WeakMap<Link, TeacherView>();

type Props = {
  readonly link: Link;
  readonly view: LinkView;
  readonly evening: EveningView;
};

export function TeacherPages(props: Props) {
  const path = useNavigation().path.value;
  return path === "check" ? <DeviceCheckPage /> : <TeacherPage {...props} />;
}

function TeacherPage({ link, view, evening }: Props) {
  const { state, changes } = useApp();
  const text = useText();
  const list = useShown(showed, link, () => askTeacher(link));
  const changed = changes.value;
  useEffect(() => {
    if (changed > 0) {
      void list.reload();
    }
  }, [changed]);
  useEvery(LOOK_EVERY_MS, list.reload);
  const { phase } = state.value;
  const isNear = list.value?.appointments.some(isNextAndOpen(list.value)) === true;
  if (evening.cancelled !== undefined) {
    return (
      <LinkPage name="teacher" heading={text("teacher_title")}>
        <EveningCaption evening={evening} />
        <Whose view={view} />
      </LinkPage>
    );
  }
  return (
    <LinkPage name="teacher" heading={text("teacher_title")}>
      <EveningCaption evening={evening} />
      <div class={isNear ? "join" : "join wide"}>
        <div class="about">
          <JoinNoticeNote notice={phase.type === "join" ? phase.notice : null} />
          {view.in_use && <p class="note">{text("join_in_use")}</p>}
          <ZoneNote evening={evening} />
          <Loaded of={list}>
            {(given) => <Appointments link={link} view={given} onSaved={list.reload} />}
          </Loaded>
          <p>
            <GoTo to="check">{text("bookings_check")}</GoTo>
          </p>
          <Whose view={view} />
        </div>
        {!isNear && <MediaCheck />}
      </div>
    </LinkPage>
  );
}

/** Whether this is the one whose card shows camera and microphone. */
function isNextAndOpen({ next }: TeacherView) {
  return ({ appointment }: TeacherAppointment) => appointment.id === next && appointment.joinable;
}

type ListProps = {
  readonly link: Link;
  readonly view: TeacherView;
  readonly onSaved: () => Promise<void>;
};

function Appointments({ link, view, onSaved }: ListProps) {
  const text = useText();
  const { appointments, evening, next } = view;
  const current = appointments.find(({ appointment }) => appointment.id === next);
  const others = appointments.filter(({ appointment }) => appointment.id !== next);
  const isOver = ({ appointment }: TeacherAppointment) => appointment.phase === "over";
  const toCome = others.filter((one) => !isOver(one));
  const over = others.filter(isOver);
  if (appointments.length === 0) {
    return <p>{text("teacher_none")}</p>;
  }
  const items = (all: readonly TeacherAppointment[], first: boolean) => (
    <ul class="list">
      {all.map((one) => (
        <Item
          key={one.appointment.id}
          link={link}
          one={one}
          zone={evening.time_zone}
          first={first}
          onSaved={onSaved}
        />
      ))}
    </ul>
  );
  return (
    <>
      {current !== undefined && <GlanceWhenHere view={view} />}
      {current === undefined ? (
        <p>{text("teacher_all_over")}</p>
      ) : (
        <>
          <h2>{text(current.appointment.phase === "now" ? "teacher_now" : "teacher_next")}</h2>
          {items([current], true)}
        </>
      )}
      {toCome.length > 0 && (
        <>
          <h2>{text("teacher_others")}</h2>
          {items(toCome, false)}
        </>
      )}
      {over.length > 0 && (
        <details open={current === undefined}>
          <summary>
            {text("appointment_over")} ({over.length})
          </summary>
          {items(over, false)}
        </details>
      )}
    </>
  );
}

type ItemProps = {
  readonly link: Link;
  readonly one: TeacherAppointment;
  readonly zone: string;
  readonly first: boolean;
  readonly onSaved: () => Promise<void>;
};

function Item({ link, one, zone, first, onSaved }: ItemProps) {
  const text = useText();
  const { appointment, parent, guest, note, present } = one;
  return (
    <AppointmentCard appointment={appointment} zone={zone} joins first={first}>
      <p>
        {guest === undefined
          ? text("teacher_parent", { parent })
          : text("teacher_parent_and_guest", { parent, guest })}
      </p>
      {note !== "" && <p class="said">{text("teacher_note", { note })}</p>}
      <PresentList present={present} />
      <OwnLineWhenHere link={link} one={one} onSaved={onSaved} />
    </AppointmentCard>
  );
}
