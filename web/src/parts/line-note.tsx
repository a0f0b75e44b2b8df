// How good the connection is that was made ready before the press, and what to do (SCR-11): by what the
// browser finds on it over five seconds. Where a browser says nothing of it, neither does the page.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import { checksOf, LineWatch, type Quality } from "../media/line-quality";
import { isEarly } from "../session/state";

const LOOK_EVERY_MS = 1_000;

export function LineNote() {
  const { peers, state } = useApp();
  const quality = useSignal<Quality | null>(null);
  const isReady = isEarly(state.value) && state.value.peer?.health === "connected";
  const peer = isReady ? peers.current.value : null;
  useEffect(() => {
    quality.value = null;
    if (peer === null) {
      return;
    }
    const watch = new LineWatch();
    let isOver = false;
    const look = async () => {
      const entries = (await peer.statistics()).map(({ entry }) => entry);
      const checks = checksOf(entries);
      if (!isOver && checks !== null) {
        quality.value = watch.look(checks);
      }
    };
    const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [peer, quality]);
  const found = quality.value;
  return (
    <div role="status" class="line-note" data-line={found?.type}>
      {found !== null && <Words found={found} />}
    </div>
  );
}

function Words({ found }: { readonly found: Quality }) {
  const { text } = useApp();
  switch (found.type) {
    case "good":
      return <p class="hint">{text("line_good")}</p>;
    case "slow":
      return <p class="note warning">{text("line_slow", { ms: found.ms })}</p>;
    case "lossy":
      return <p class="note warning">{text("line_lossy")}</p>;
    case "longer":
      return <p class="note warning">{text("line_longer")}</p>;
  }
}
