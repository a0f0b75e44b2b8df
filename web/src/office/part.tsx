// The office: signing in, and everything behind it.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { OfficeApi } from "../http/office";
import { NavigationContext, navigate } from "../navigation";
import { HelpContext } from "../parts/help";
import { useResource } from "../parts/resource";
import { type Office, OfficeContext, type Session } from "./office";
import { OfficeRoot } from "./root";
import { SetupPage } from "./setup";

export function officePart(): ComponentChildren {
  const session = signal<Session>({ type: "asking" });
  const api = new OfficeApi({
    signedIn: (staff) => {
      session.value = { type: "somebody", staff };
    },
    signedOut: () => {
      session.value = { type: "nobody" };
    },
  });
  const setsUp = location.pathname.startsWith("/setup");
  const navigation = navigate(setsUp ? "/setup" : "/office", window);
  if (!setsUp) {
    void api.session().then(({ type }) => {
      if (type === "unreachable") {
        session.value = { type: "nobody" };
      }
    });
  }
  const changes = signal(0);
  const schoolChanged = () => {
    changes.value += 1;
  };
  return (
    <OfficeContext.Provider value={{ api, session, schoolChanged } satisfies Office}>
      <NavigationContext.Provider value={navigation}>
        <Helped api={api} changes={changes}>
          {setsUp ? <SetupPage /> : <OfficeRoot />}
        </Helped>
      </NavigationContext.Provider>
    </OfficeContext.Provider>
  );
}

type Props = {
  readonly api: OfficeApi;
  readonly changes: ReadonlySignal<number>;
  readonly children: ComponentChildren;
};

function Helped({ api, changes, children }: Props) {
  const school = useResource(() => api.school(), [api, changes.value]);
  return (
    <HelpContext.Provider value={school.value?.contact ?? null}>{children}</HelpContext.Provider>
  );
}
