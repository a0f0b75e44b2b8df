// Where the school's address leads without a link: how to find one.

import { texts } from "virtual:texts-of-the-start";
import type { ComponentChildren } from "preact";
import { useSchool } from "./link-part";
import { StartPage } from "./pages/start";
import { GuideContext, guideOf } from "./parts/guide";
import { HelpContext, helperOf } from "./parts/help";
import { SchoolContext } from "./parts/school";
import { addTexts } from "./text/text";

addTexts(texts);

export function startPart(): ComponentChildren {
  addEventListener("hashchange", () => location.reload());
  return <Start />;
}

function Start() {
  const school = useSchool(true);
  return (
    <SchoolContext.Provider value={school?.name ?? null}>
      <GuideContext.Provider value={guideOf("unknown")}>
        <HelpContext.Provider value={school === null ? null : helperOf(school.contact)}>
          <StartPage school={school?.name ?? ""} missing={location.pathname !== "/"} />
        </HelpContext.Provider>
      </GuideContext.Provider>
    </SchoolContext.Provider>
  );
}
