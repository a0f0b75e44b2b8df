// The office: signing in, and everything behind it.

import { signal } from "@preact/signals";
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
  return (
    <OfficeContext.Provider value={{ api, session } satisfies Office}>
      <NavigationContext.Provider value={navigation}>
        <Helped api={api}>{setsUp ? <SetupPage /> : <OfficeRoot />}</Helped>
      </NavigationContext.Provider>
    </OfficeContext.Provider>
  );
}

type Props = { readonly api: OfficeApi; readonly children: ComponentChildren };

function Helped({ api, children }: Props) {
  const school = useResource(() => api.school(), [api]);
  return (
    <HelpContext.Provider value={school.value?.contact ?? null}>{children}</HelpContext.Provider>
  );
}
