// To try camera, microphone and speaker, on any day: nobody is admitted anywhere.

import { LinkPage } from "../parts/link-page";
import { MediaCheck } from "../parts/media-check";
import { useText } from "../text/context";

export function DeviceCheckPage() {
  const text = useText();
  return (
    <LinkPage name="check" heading={text("check_title")} back="">
      <p>{text("check_text")}</p>
      <div class="check-page">
        <MediaCheck />
      </div>
    </LinkPage>
  );
}
