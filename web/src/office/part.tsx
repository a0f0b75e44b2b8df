// The office: signing in, and everything behind it.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { OfficeApi } from "../http/office";
import { NavigationContext, navigate } from "../navigation";
import { GuideContext } from "../parts/guide";
import { HelpContext, helperOf } from "../parts/help";
import { useResource } from "../parts/resource";
import { SchoolContext } from "../parts/school";
import type { TextKey } from "../text/text";
import { onWaking } from "../waking";
import { type Office, OfficeContext, type Session } from "./office";
import { SetupPage } from "./setup";

/** How the office works, in brief. */
export const GUIDE_OF_THE_OFFICE: readonly TextKey[] = [
  "guide_office_people",
  "guide_office_evening",
  "guide_office_during",
  "guide_office_approvals",
  "guide_office_rooms",
];

/**
 * The part below `base`, which shows `pages` to who is signed in, with this guide; setting up comes before
 * it.
 */
export function officePart(
  base: string,
  guide: readonly TextKey[],
  pages: ComponentChildren,
): ComponentChildren {
  const session = signal<Session>({ type: "asking", trouble: null });
  const waiting: ((signedIn: boolean) => void)[] = [];
  const api = new OfficeApi({
    signedIn: (staff) => {
      session.value = { type: "somebody", staff };
      for (const goOn of waiting.splice(0)) {
        goOn(true);
      }
    },
    signedOut: () => {
      session.value = { type: "nobody" };
    },
    lapsed: () => {
      const before = session.peek();
      if (before.type !== "somebody" && before.type !== "lapsed") {
        session.value = { type: "nobody" };
        return Promise.resolve(false);
      }
      session.value = { type: "lapsed", staff: before.staff };
      return new Promise((resolve) => waiting.push(resolve));
    },
  });
  const setsUp = /^\/+setup/i.test(location.pathname);
  const navigation = navigate(setsUp ? "/setup" : base, window);
  const askAgain = () => void askSession(api, session);
  if (!setsUp) {
    askAgain();
    onWaking(() => session.peek().type === "asking" && askAgain());
  }
  const changes = signal(0);
  const schoolChanged = () => {
    changes.value += 1;
  };
  return (
    <OfficeContext.Provider value={{ api, session, askAgain, schoolChanged } satisfies Office}>
      <NavigationContext.Provider value={navigation}>
        <GuideContext.Provider value={guide}>
          <Helped api={api} changes={changes}>
            {setsUp ? <SetupPage /> : pages}
          </Helped>
        </GuideContext.Provider>
      </NavigationContext.Provider>
    </OfficeContext.Provider>
  );
}

/** How long after a failure it is asked again, and at most. */
const AGAIN_MS = 2_000;
const AGAIN_AT_MOST_MS = 15_000;

/** Asks who is signed in, until there is an answer. */
async function askSession(
  api: OfficeApi,
  session: Signal<Session>,
  againMs = AGAIN_MS,
): Promise<void> {
  const answer = await api.session();
  const isAnswered = answer.type === "given" || session.peek().type !== "asking";
  if (isAnswered) {
    return;
  }
  const trouble = answer.type === "refused" ? answer.problem : "unreachable";
  session.value = { type: "asking", trouble };
  setTimeout(() => {
    if (session.peek().type === "asking") {
      void askSession(api, session, Math.min(2 * againMs, AGAIN_AT_MOST_MS));
    }
  }, againMs);
}

type Props = {
  readonly api: OfficeApi;
  readonly changes: ReadonlySignal<number>;
  readonly children: ComponentChildren;
};

function Helped({ api, changes, children }: Props) {
  const school = useResource(() => api.school(), [api, changes.value]);
  return (
    <SchoolContext.Provider value={school.value?.name ?? null}>
      <HelpContext.Provider value={school.value === null ? null : helperOf(school.value.contact)}>
        {children}
      </HelpContext.Provider>
    </SchoolContext.Provider>
  );
}
