// To try camera, microphone, speaker and network, on any day: nobody is admitted anywhere.

import { useApp } from "../app";
import { LinkPage } from "../parts/link-page";
import { MediaCheck } from "../parts/media-check";
import { NetworkCheck } from "../parts/network-check";
import { useText } from "../text/context";

export function DeviceCheckPage() {
  const { link } = useApp();
  const text = useText();
  return (
    <LinkPage name="check" heading={text("check_title")} back="">
      <p>{text("check_text")}</p>
      <div class="check-page">
        <MediaCheck />
        {link !== null && <NetworkCheck link={link} />}
      </div>
    </LinkPage>
  );
}
