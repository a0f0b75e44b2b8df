import { render } from "preact";
import { AppContext, begin } from "./app";
import { linkIn } from "./http/links";
import { keepAwake } from "./media/awake";
import { statistics } from "./media/stats";
import { Root } from "./pages/root";
import { loadLanguage } from "./text/text";

const language = await loadLanguage(navigator.languages);
document.documentElement.lang = language.tag;
document.documentElement.dir = language.dir;

const app = begin(linkIn(location), language.text);
keepAwake(app.state);
Object.defineProperty(globalThis, "homeroom", {
  value: Object.freeze({ stats: () => statistics(app.peers) }),
});

const root = document.getElementById("app");
if (root !== null) {
  render(
    <AppContext.Provider value={app}>
      <Root />
    </AppContext.Provider>,
    root,
  );
}
