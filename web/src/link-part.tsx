// What a personal link opens: the pages before the call, and the call.

import type { ComponentChildren } from "preact";
import { AppContext, begin, useApp } from "./app";
import { linkIn } from "./http/links";
import { keepAwake } from "./media/awake";
import { statistics } from "./media/stats";
import { NavigationContext, navigate } from "./navigation";
import { Root } from "./pages/root";
import { HelpContext } from "./parts/help";
import type { Text } from "./text/text";

export function linkPart(text: Text): ComponentChildren {
  const link = linkIn(location);
  const app = begin(link, text);
  keepAwake(app.state);
  Object.defineProperty(globalThis, "homeroom", {
    value: Object.freeze({ stats: () => statistics(app.peers) }),
  });
  const base = link === null ? "/j" : `/j/${encodeURIComponent(link.id)}`;
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

function Helped({ children }: { readonly children: ComponentChildren }) {
  const contact = useApp().state.value.view?.contact ?? null;
  return <HelpContext.Provider value={contact}>{children}</HelpContext.Provider>;
}
