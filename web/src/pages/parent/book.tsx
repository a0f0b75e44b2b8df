// For each student and class: choose a time, or have the times chosen.

import { useId } from "preact/hooks";
import { useReadersTimes } from "../../parts/appointment";
import { EveningCaption } from "../../parts/evening-caption";
import { GoTo } from "../../parts/go-to";
import { LinkPage } from "../../parts/link-page";
import { useNames } from "../../parts/names";
import { useText } from "../../text/context";
import type { ClassView, StudentView } from "../../wire/messages";
import { InviteOffer } from "./invite-offer";
import { useParent } from "./parent";

export function BookPage() {
  const text = useText();
  const { view } = useParent();
  const open = view.booking === "open";
  const unbooked = view.students.flatMap(({ classes }) =>
    classes.filter(({ booked }) => booked === undefined),
  );
  return (
    <LinkPage name="book" heading={text("book_title")} back="">
      <EveningCaption evening={view.evening} />
      {!open && (
        <p class="note">{text(view.booking === "unknown" ? "book_unknown" : "book_closed")}</p>
      )}
      {open && unbooked.length > 0 && (
        <>
          <p>{text("book_text")}</p>
          <p>
            <GoTo to="book/automatically" class="button primary">
              {text("book_automatically")}
            </GoTo>
          </p>
        </>
      )}
      {unbooked.length === 0 && <p>{text("book_all_done")}</p>}
      {view.students.map((student) => (
        <section key={student.id} class="section" aria-labelledby={`student-${student.id}`}>
          <h2 id={`student-${student.id}`}>{student.name}</h2>
          {student.classes.length === 0 && <p>{text("book_no_classes")}</p>}
          <ul class="list">
            {student.classes.map((one) => (
              <ClassItem key={one.id} student={student} subject={one} open={open} />
            ))}
          </ul>
        </section>
      ))}
      <InviteOffer />
      <p>
        <GoTo to="">{text("book_finish")}</GoTo>
      </p>
    </LinkPage>
  );
}

type Props = {
  readonly student: StudentView;
  readonly subject: ClassView;
  readonly open: boolean;
};

function ClassItem({ student, subject, open }: Props) {
  const text = useText();
  const names = useNames();
  const { view } = useParent();
  const times = useReadersTimes(view.evening.time_zone);
  const heading = useId();
  const booking = view.bookings.find(({ appointment }) => appointment.id === subject.booked);
  const path = `book/${encodeURIComponent(student.id)}/${encodeURIComponent(subject.id)}`;
  return (
    <li>
      <h3 id={heading}>
        {subject.subject} <span class="visually-hidden">{student.name}</span>
      </h3>
      <p>{names(subject.teachers)}</p>
      {booking !== undefined ? (
        <p>
          <span class="tag good">{text("book_booked")}</span>{" "}
          {times.span(booking.appointment.starts, booking.appointment.ends)}
        </p>
      ) : (
        open && (
          <p>
            <GoTo to={path} describedBy={heading}>
              {text("book_choose")}
            </GoTo>
          </p>
        )
      )}
    </li>
  );
}
