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
import { Words } from "../parts/words";
import type { JoinNotice } from "../session/state";
import { useText } from "../text/context";
import type { AreaView, Visit } from "../wire/messages";
import { ClosedNow } from "./area-door";
import { AreaStands } from "./area-stands";
import { JoinPage } from "./join";

type Props = {
  readonly link: Link;
  readonly title: string;
  readonly area: AreaView;
  readonly visit: Visit;
  readonly notice: JoinNotice | null;
};

export function VisitPages({ link, title, area, visit, notice }: Props) {
  const hasLeftWords = useSignal(false);
  switch (visit.stage) {
    case "waiting":
    case "unknown":
      return (
        <WaitingPage
          link={link}
          title={title}
          area={area}
          visit={visit}
          onWords={() => {
            hasLeftWords.value = true;
          }}
        />
      );
    case "called":
      return notice === null ? <CalledPage /> : <JoinPage notice={notice} joining={false} />;
    case "joined":
      return <JoinPage notice={notice} joining={false} />;
    case "ended":
    case "left":
      return <VisitOverPage area={area} visit={visit} hasLeftWords={hasLeftWords.value} />;
  }
}

type WaitingProps = {
  readonly link: Link;
  readonly title: string;
  readonly area: AreaView;
  readonly visit: Visit;
  /** They have left words, and go. */
  readonly onWords: () => void;
};

function WaitingPage({ link, title, area, visit: { place, message }, onWords }: WaitingProps) {
  const app = useApp();
  const { lookAgain } = app;
  const text = useText();
  const asking = useSignal<"leave" | "words" | null>(null);
  const isTaken = takesCallers(area);
  const act = useAct(() => leaveArea(link));
  const ask = (what: "leave" | "words" | null) => () => {
    asking.value = what;
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
      <p class={isTaken ? "place" : undefined} role="status">
        {isTaken
          ? place !== undefined &&
            (place === 1 ? text("queue_next") : text("queue_place", { place }))
          : text("visit_unstaffed", { school: area.school })}
      </p>
      <AreaStands area={area} />
      {isTaken && area.closed === true && <ClosedNow area={area} />}
      <div role="status">
        {message !== "" && (
          <>
            <p>{text("visit_message")}</p>
            <blockquote class="said">{message}</blockquote>
          </>
        )}
      </div>
      {isTaken && (
        <p>
          {text("queue_hint")} {text("visit_keeps")}
        </p>
      )}
      <p>{text("queue_private")}</p>
      <MediaCheck />
      <div class="actions">
        <button type="button" class="secondary" onClick={ask("words")}>
          {text("visit_words")}
        </button>
        <button type="button" class="secondary" onClick={ask("leave")}>
          {text("queue_stop")}
        </button>
      </div>
      {asking.value === "words" && <WordsDialog link={link} onClose={ask(null)} onLeft={onWords} />}
      {asking.value === "leave" && (
        <Confirm
          title={text("visit_leave_ask")}
          action={text("queue_stop")}
          busy={act.busy}
          problem={act.problem}
          onClose={ask(null)}
          onConfirm={() => void act.run(lookAgain)}
        />
      )}
    </LinkPage>
  );
}

/** Whether anybody takes callers here: one that is closed by its hours still takes who waits. */
export function takesCallers({ closed, opens }: AreaView): boolean {
  return closed !== true || opens !== undefined;
}

type WordsProps = {
  readonly link: Link;
  readonly onClose: () => void;
  readonly onLeft: () => void;
};

/** Leaves a message to those who take callers, and gives the place up. */
function WordsDialog({ link, onClose, onLeft }: WordsProps) {
  const { lookAgain } = useApp();
  const text = useText();
  const words = useSignal("");
  const missing = useSignal(false);
  const act = useAct(() => leaveArea(link, words.value.trim()));
  return (
    <Confirm
      title={text("visit_words")}
      action={text("visit_words")}
      busy={act.busy}
      problem={missing.value ? text("visit_words_missing") : act.problem}
      harmless
      onClose={onClose}
      onConfirm={() => {
        missing.value = words.value.trim() === "";
        if (!missing.value) {
          void act.run(() => {
            onLeft();
            return lookAgain();
          });
        }
      }}
    >
      <Words words={words} label={text("visit_words_label")} hint={text("visit_words_hint")} />
    </Confirm>
  );
}

/** Which have gone in by themselves: whoever comes out of the call goes back into it by a press. */
const gone = new WeakSet<App>();

/** It is their turn: the page goes in by itself, once. Where ground rules are to be read, a press does. */
function CalledPage() {
  const app = useApp();
  const text = useText();
  const goes = useSignal(!gone.has(app) && app.state.peek().view?.rules === undefined);
  useEffect(() => {
    if (goes.value) {
      gone.add(app);
      tellAway(text("visit_turn"));
      press(app);
    }
  }, [app]);
  return <JoinPage notice={null} joining={goes.value} />;
}

type OverProps = {
  readonly area: AreaView;
  readonly visit: Visit;
  readonly hasLeftWords: boolean;
};

/** The end of a visit, with what the provider left to say. */
function VisitOverPage({ area, visit, hasLeftWords }: OverProps) {
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
      {hasLeftWords && visit.stage === "left" && (
        <p role="status">{text("visit_words_left", { school: area.school })}</p>
      )}
      <p>{text("visit_again", { school: area.school })}</p>
    </LinkPage>
  );
}
