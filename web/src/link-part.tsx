// What a personal link opens: the pages before the call, and the call.

import type { ComponentChildren } from "preact";
import { AppContext, begin, useApp } from "./app";
import { linkIn, pathOf } from "./http/links";
import { askSchool } from "./http/school";
import { keepAwake } from "./media/awake";
import { statistics } from "./media/stats";
import { NavigationContext, navigate, pathBelow } from "./navigation";
import { Root } from "./pages/root";
import { GuideContext, guideOf } from "./parts/guide";
import { HelpContext, helperOf } from "./parts/help";
import { useEvery, useResource } from "./parts/resource";
import { SchoolContext } from "./parts/school";
import type { Languages } from "./text/context";

export function linkPart(languages: Languages): ComponentChildren {
  const link = linkIn(location);
  if (link !== null) {
    straighten(pathOf(link, pageIn(location.pathname)));
  }
  const app = begin(link, languages);
  keepAwake(app.state);
  Object.defineProperty(globalThis, "homeroom", {
    value: Object.freeze({ stats: () => statistics(app.peers) }),
  });
  const base = link === null ? "/j" : `/j/${link.id}`;
  const navigation = navigate(base, window);
  return (
    <AppContext.Provider value={app}>
      <NavigationContext.Provider value={navigation}>
        <Helped>
          <Root />
        </Helped>
      </NavigationContext.Provider>
    </AppContext.Provider>
  );
}

/** The link as it was before a mail program rewrote it: its secret stands in no path (LINK-1). */
function straighten(address: string): void {
  if (`${location.pathname}${location.hash}` !== address) {
    history.replaceState(null, "", address);
  }
}

/** Which of the link's pages a path names, where it is one as we write it. */
function pageIn(pathname: string): string {
  const page = /^\/j\/[^/%]+(\/[^%]*)?$/.exec(pathname)?.[1] ?? "";
  return pathBelow("", page);
}

/** The school's own contact: as the link tells it, and without a link that lives, as anybody may know. */
function Helped({ children }: { readonly children: ComponentChildren }) {
  const { phase, view } = useApp().state.value;
  const isDead = view === null && (phase.type === "over" || phase.type === "resuming");
  const school = useSchool(isDead);
  const known = view ?? school;
  const helper = known === null ? null : helperOf(known.contact);
  const place = view?.evening ?? view?.room ?? view?.area;
  return (
    <SchoolContext.Provider value={place?.school ?? school?.name ?? null}>
      <GuideContext.Provider value={guideOf(view?.role ?? "unknown")}>
        <HelpContext.Provider value={helper}>{children}</HelpContext.Provider>
      </GuideContext.Provider>
    </SchoolContext.Provider>
  );
}

const NOTHING = { type: "unreachable" } as const;
/** Help is asked for until it is there. */
const AGAIN_MS = 5_000;

/** What anybody may know of the school, once it is wanted. */
export function useSchool(wanted: boolean) {
  const school = useResource(async () => (wanted ? askSchool() : NOTHING), [wanted]);
  useEvery(wanted && school.value === null ? AGAIN_MS : undefined, school.reload);
  return school.value;
}
