// What somebody should know who looks after the server: its e-mail, its certificate, its disk.

import { useResource } from "../parts/resource";
import { useText } from "../text/context";
import { useOffice } from "./office";

const LOOK_MS = 60_000;

/** Nothing, where there is nothing to say or nobody says it: the page is about other things. */
export function NoticeList() {
  const { api } = useOffice();
  const text = useText();
  const { value } = useResource(() => api.notices(), [api], LOOK_MS);
  const notices = value?.notices ?? [];
  if (notices.length === 0) {
    return null;
  }
  return (
    <section class="section" aria-labelledby="notices">
      <h2 id="notices">{text("notices_title")}</h2>
      <ul class="points">
        {notices.map((notice) => (
          <li key={notice.part}>
            <p>{notice.text}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
