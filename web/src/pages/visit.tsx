// A caller's visit to a waiting area: they wait, are taken into the call, or it has ended (WAIT-3).

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type App, press, useApp } from "../app";
import { type Link, leaveArea } from "../http/links";
import { useAct } from "../parts/act";
import { tellAway } from "../parts/attention";
import { Confirm } from "../parts/confirm";
import { LinkPage } from "../parts/link-page";
import { MediaCheck } from "../parts/media-check";
import type { JoinNotice } from "../session/state";
import { useText } from "../text/context";
import type { AreaView, Visit } from "../wire/messages";
import { JoinPage } from "./join";

type Props = {
  readonly link: Link;
  readonly title: string;
  readonly area: AreaView;
  readonly visit: Visit;
  readonly notice: JoinNotice | null;
};

export function VisitPages({ link, title, area, visit, notice }: Props) {
  switch (visit.stage) {
    case "waiting":
    case "unknown":
      return <WaitingPage link={link} title={title} visit={visit} />;
    case "called":
      return notice === null ? <CalledPage /> : <JoinPage notice={notice} joining={false} />;
    case "joined":
      return <JoinPage notice={notice} joining={false} />;
    case "ended":
    case "left":
      return <VisitOverPage area={area} visit={visit} />;
  }
}

type WaitingProps = {
  readonly link: Link;
  readonly title: string;
  readonly visit: Visit;
};

function WaitingPage({ link, title, visit: { place, message } }: WaitingProps) {
  const app = useApp();
  const { lookAgain } = app;
  const text = useText();
  const asking = useSignal(false);
  const act = useAct(() => leaveArea(link));
  const turn = (to: boolean) => () => {
    asking.value = to;
  };
  useEffect(() => {
    // Taken again, it goes in again.
    gone.delete(app);
  }, [app]);
  useEffect(() => {
    if (message !== "") {
      tellAway(text("visit_message"));
    }
  }, [message]);
  return (
    <LinkPage name="waiting" heading={title}>
      <p class="place" role="status">
        {place !== undefined && (place === 1 ? text("queue_next") : text("queue_place", { place }))}
      </p>
      <div role="status">
        {message !== "" && (
          <>
            <p>{text("visit_message")}</p>
            <blockquote class="said">{message}</blockquote>
          </>
        )}
      </div>
      <p>
        {text("queue_hint")} {text("visit_keeps")}
      </p>
      <p>{text("queue_private")}</p>
      <MediaCheck />
      <div class="actions">
        <button type="button" class="secondary" onClick={turn(true)}>
          {text("queue_stop")}
        </button>
      </div>
      {asking.value && (
        <Confirm
          title={text("visit_leave_ask")}
          action={text("queue_stop")}
          busy={act.busy}
          problem={act.problem}
          onClose={turn(false)}
          onConfirm={() => void act.run(lookAgain)}
        />
      )}
    </LinkPage>
  );
}

/** Which have gone in by themselves: whoever comes out of the call goes back into it by a press. */
const gone = new WeakSet<App>();

/** It is their turn: the page goes in by itself, once. */
function CalledPage() {
  const app = useApp();
  const text = useText();
  const goes = useSignal(!gone.has(app));
  useEffect(() => {
    if (goes.value) {
      gone.add(app);
      tellAway(text("visit_turn"));
      press(app);
    }
  }, [app]);
  return <JoinPage notice={null} joining={goes.value} />;
}

/** The end of a visit, with what the provider left to say. */
function VisitOverPage({ area, visit }: { readonly area: AreaView; readonly visit: Visit }) {
  const text = useText();
  const heading = text(visit.stage === "ended" ? "visit_ended_title" : "visit_left_title");
  return (
    <LinkPage name="visit-over" heading={heading}>
      {visit.word !== "" && (
        <>
          <p>{text("visit_word")}</p>
          <blockquote class="said">{visit.word}</blockquote>
        </>
      )}
      <p>{text("visit_again", { school: area.school })}</p>
    </LinkPage>
  );
}
