// Letters with invitations to register: what is on the page is what is on the paper (DIR-5).

import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import { textsOfTheStaff } from "../text/staff";
import { LANGUAGES, type Language, loadLanguage } from "../text/text";
import type { RegistrationLetters } from "../wire/messages";
import { Letter } from "./letter";
import { OfficePage } from "./office-page";
import { useTimesOf } from "./school-times";

type Props = { readonly letters: RegistrationLetters; readonly onClose: () => void };

export function LettersPage({ letters, onClose }: Props) {
  const text = useText();
  const languages = useResource(() => spoken(letters), [letters]);
  const moment = useTimesOf(letters.time_zone).moment(letters.until);
  return (
    <OfficePage name="letters" heading={text("letters_title")}>
      <div>
        <p>{text("letters_text", { count: letters.letters.length, moment })}</p>
        <p>{text("letters_again")}</p>
        {letters.refused.length > 0 && (
          <>
            <p>{text("registrations_refused", { count: letters.refused.length })}</p>
            <ul class="points">
              {letters.refused.map(({ id, name, reason }) => (
                <li key={id}>
                  {name}: {reason}
                </li>
              ))}
            </ul>
          </>
        )}
        <div class="actions">
          {letters.letters.length > 0 && languages.value !== null && (
            <button type="button" class="primary" onClick={() => print()}>
              {text("letters_print")}
            </button>
          )}
          <button type="button" class="secondary" onClick={onClose}>
            {text("letters_close")}
          </button>
        </div>
      </div>
      <Loaded of={languages}>
        {(given) => (
          <>
            {letters.letters.map((letter, nth) => {
              const language = given[nth];
              return (
                language !== undefined && (
                  <Letter key={letter.id} letters={letters} letter={letter} language={language} />
                )
              );
            })}
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

/** The language of each letter, in their order: English as in Britain where none is known. */
async function spoken({ letters }: RegistrationLetters) {
  const known = new Map<string, Promise<Language>>();
  const load = (tag: string) => {
    const wanted = tag === "en" ? ["en-GB", tag] : [tag];
    const language = known.get(tag) ?? loadLanguage(wanted, LANGUAGES, textsOfTheStaff);
    known.set(tag, language);
    return language;
  };
  const body = await Promise.all(letters.map(({ language }) => load(language ?? "en")));
  return { type: "given" as const, body };
}
