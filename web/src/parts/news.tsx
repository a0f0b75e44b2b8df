// What was just done, told at the top of the page that followed.

import { useEffect, useRef } from "preact/hooks";
import { useNavigation } from "../navigation";
import { useLanguage } from "../text/context";
import { hasGoneOn } from "./gone-on";

export function News() {
  const language = useLanguage();
  const news = useNavigation().news.value;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Whoever has gone on hears of it all the same.
    if (news !== null && !hasGoneOn()) {
      box.current?.focus();
    }
  }, [news]);
  if (news === null) {
    return null;
  }
  return (
    <div ref={box} class="news" role="alert" tabIndex={-1}>
      <p class="what">{language.text("news_title")}</p>
      <p>{typeof news === "string" ? news : news(language)}</p>
    </div>
  );
}

/** The last page of a journey: it is done, and what comes next. */
export function Done({ heading, children }: { heading: string; children?: string }) {
  return (
    <div class="done">
      <p class="what">{heading}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}
