import { render } from "preact";
import { LanguageContext } from "./text/context";
import { loadLanguage } from "./text/text";

const language = await loadLanguage(navigator.languages);
document.documentElement.lang = language.tag;
document.documentElement.dir = language.dir;

// The office and the families each load only what is theirs.
const isOffice = /^\/(?:office|setup)(?:\/|$)/.test(location.pathname);
const root = document.getElementById("app");
if (root !== null) {
  const part = isOffice
    ? (await import("./office/part")).officePart()
    : (await import("./link-part")).linkPart(language.text);
  render(<LanguageContext.Provider value={language}>{part}</LanguageContext.Provider>, root);
}
