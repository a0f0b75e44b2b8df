// Which page of a link is shown.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import { useSoon } from "../parts/later";
import { LiveRegion } from "../parts/live-region";
import { isEntering } from "../session/state";
import { keepOwnLink } from "../storage/own-link";
import { AreaPagesWhenHere, RoomDoorWhenHere } from "./area-later";
import { CallWhenHere, callScreen } from "./call-later";
import { GoingOnPage } from "./going-on";
import { GuestPages } from "./guest";
import { JoinPage } from "./join";
import { OpeningPage } from "./opening";
import { OverPage } from "./over";
import { ParentPages } from "./parent/root";
import { QueuePage } from "./queue";
import { ResumingPage } from "./resuming";
import { TeacherPages } from "./teacher";

export function Root() {
  useSoon(callScreen, useApp().state.value.phase.type !== "opening");
  return (
    <>
      <CurrentPage />
      <LiveRegion />
    </>
  );
}

/** How long the page with Join on it stays where the press found everything ready. */
const STAYS_MS = 250;

/** Another page would take longer to draw than the call takes to come. */
function useStays(): boolean {
  const entering = isEntering(useApp().state.value);
  const late = useSignal(false);
  useEffect(() => {
    late.value = false;
    if (!entering) {
      return;
    }
    const timer = setTimeout(() => {
      late.value = true;
    }, STAYS_MS);
    return () => clearTimeout(timer);
  }, [entering, late]);
  return entering && !late.value;
}

function CurrentPage() {
  const { link, state } = useApp();
  const { goesOn, phase, view } = state.value;
  const stays = useStays();
  switch (phase.type) {
    case "opening":
      return <OpeningPage phase={phase} />;
    case "join":
      return <BeforeTheCall />;
    case "joining":
      if (goesOn !== null) {
        return <GoingOnPage />;
      }
      return stays ? <BeforeTheCall /> : <JoinPage notice={null} joining={true} />;
    case "resuming":
      return <ResumingPage />;
    case "queued":
      return <QueuePage phase={phase} />;
    case "call":
      return <CallWhenHere phase={phase} />;
    case "over":
      return link !== null && view?.area?.visit?.stage === "ended" ? (
        <AreaPagesWhenHere link={link} title={view.title} area={view.area} notice={null} />
      ) : (
        <OverPage why={phase.why} />
      );
  }
}

/** Each role has pages of its own; a link without an evening leads to its call alone. */
function BeforeTheCall() {
  const { link, state } = useApp();
  const { phase, view } = state.value;
  const notice = phase.type === "join" ? phase.notice : null;
  const evening = view?.evening;
  useEffect(() => {
    if (link !== null && view?.role === "parent" && evening !== undefined) {
      keepOwnLink(view.name, link, evening.ends);
    }
  }, [link, view?.role, view?.name, evening?.ends]);
  const area = view?.area;
  const isNameless = view?.asks_name === true && area?.asks_reason !== true;
  if (link !== null && view !== null && area !== undefined && !isNameless) {
    return <AreaPagesWhenHere link={link} title={view.title} area={area} notice={notice} />;
  }
  if (link !== null && view !== null && isNameless) {
    const { school } = view.room ?? view.area ?? view.evening ?? { school: "" };
    return <RoomDoorWhenHere link={link} title={view.title} school={school} room={view.room} />;
  }
  const join = <JoinPage notice={notice} joining={false} />;
  if (link === null || view === null || evening === undefined) {
    return join;
  }
  switch (view.role) {
    case "parent":
      return <ParentPages link={link} />;
    case "guest":
      return <GuestPages view={view} evening={evening} />;
    case "teacher":
      return <TeacherPages link={link} view={view} evening={evening} />;
    case "member":
    case "unknown":
      return join;
  }
}
