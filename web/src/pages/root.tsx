// Which page is shown.

import { useApp } from "../app";
import { LiveRegion } from "../parts/live-region";
import { CallPage } from "./call";
import { JoinPage } from "./join";
import { OpeningPage } from "./opening";
import { OverPage } from "./over";
import { QueuePage } from "./queue";
import { ResumingPage } from "./resuming";

export function Root() {
  return (
    <>
      <CurrentPage />
      <LiveRegion />
    </>
  );
}

function CurrentPage() {
  const { phase } = useApp().state.value;
  switch (phase.type) {
    case "opening":
      return <OpeningPage unreachable={phase.until !== null} />;
    case "join":
      return <JoinPage notice={phase.notice} joining={false} />;
    case "joining":
      return <JoinPage notice={null} joining={true} />;
    case "resuming":
      return <ResumingPage />;
    case "queued":
      return <QueuePage phase={phase} />;
    case "call":
      return <CallPage phase={phase} />;
    case "over":
      return <OverPage why={phase.why} />;
  }
}
