// A letter with an invitation to register, in its reader's language: a page of paper (DIR-5).

import type { Language } from "../text/text";
import { timesIn } from "../text/times";
import type { RegistrationLetters, RegistrationPrint } from "../wire/messages";
import { QrCode } from "./qr";

type Props = {
  readonly letters: RegistrationLetters;
  readonly letter: RegistrationPrint;
  readonly language: Language;
};

export function Letter({ letters, letter, language }: Props) {
  const { school, address, until, time_zone: zone } = letters;
  const { name, students, code, url } = letter;
  const { tag, dir, locale, text } = language;
  const times = timesIn(locale, zone);
  const list = new Intl.ListFormat(locale).format(students);
  const [code1, code2] = inGroups(code);
  return (
    <article class="letter" lang={tag} dir={dir}>
      <h2>{text("register_letter_title", { school })}</h2>
      <p>{text("register_letter_dear", { name })}</p>
      <p>{text("register_letter_text", { school, students: list })}</p>
      <p>{text("register_letter_scan")}</p>
      <QrCode of={url} label={text("register_letter_scan")} />
      <p>{text("register_letter_type", { address })}</p>
      <p class="code" dir="ltr">
        <span>{code1}</span> <span>{code2}</span>
      </p>
      <p>{text("register_letter_case")}</p>
      <p class="until">
        {text("register_letter_until", {
          moment: `${times.date(until)}, ${times.time(until)}`,
          zone: times.zoneName(until),
        })}
      </p>
      <p>{text("register_letter_private")}</p>
      <p>{school}</p>
    </article>
  );
}

/** How many letters and digits stand together: as many as are typed at a glance. */
const GROUP = 4;

/** The code in groups, in two halves that a narrow page may break between. */
function inGroups(code: string): readonly [string, string] {
  const groups = code.match(new RegExp(`.{1,${GROUP}}`, "g")) ?? [];
  const half = Math.ceil(groups.length / 2);
  return [groups.slice(0, half).join(" "), groups.slice(half).join(" ")];
}
