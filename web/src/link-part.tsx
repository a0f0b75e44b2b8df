// What a personal link opens: the pages before the call, and the call. Without one: where to find it.

import type { ComponentChildren } from "preact";
import { AppContext, begin, useApp } from "./app";
import { linkIn, pathOf } from "./http/links";
import { askSchool } from "./http/school";
import { keepAwake } from "./media/awake";
import { statistics } from "./media/stats";
import { NavigationContext, navigate, pathBelow } from "./navigation";
import { Root } from "./pages/root";
import { StartPage } from "./pages/start";
import { GuideContext } from "./parts/guide";
import { HelpContext, helperOf } from "./parts/help";
import { useEvery, useResource } from "./parts/resource";
import { SchoolContext } from "./parts/school";
import type { Languages } from "./text/context";

export function linkPart(languages: Languages): ComponentChildren {
  if (!/^\/+j(?![0-9a-z])/i.test(location.pathname)) {
    addEventListener("hashchange", () => location.reload());
    return <Start />;
  }
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
  return (
    <SchoolContext.Provider value={view?.evening?.school ?? school?.name ?? null}>
      <GuideContext.Provider value={view?.role ?? "unknown"}>
        <HelpContext.Provider value={helper}>{children}</HelpContext.Provider>
      </GuideContext.Provider>
    </SchoolContext.Provider>
  );
}

function Start() {
  const school = useSchool(true);
  return (
    <SchoolContext.Provider value={school?.name ?? null}>
      <GuideContext.Provider value="unknown">
        <HelpContext.Provider value={school === null ? null : helperOf(school.contact)}>
          <StartPage school={school?.name ?? ""} missing={location.pathname !== "/"} />
        </HelpContext.Provider>
      </GuideContext.Provider>
    </SchoolContext.Provider>
  );
}

const NOTHING = { type: "unreachable" } as const;
/** Help is asked for until it is there. */
const AGAIN_MS = 5_000;

function useSchool(wanted: boolean) {
  const school = useResource(async () => (wanted ? askSchool() : NOTHING), [wanted]);
  useEvery(wanted && school.value === null ? AGAIN_MS : undefined, school.reload);
  return school.value;
}
