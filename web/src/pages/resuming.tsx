// After a reload, for the moment until the server has said who is here.

import { useApp } from "../app";
import { Help } from "../parts/help";
import { Page } from "../parts/page";
import { ReconnectingBanner } from "../parts/reconnecting-banner";

export function ResumingPage() {
  const { report, text } = useApp();
  return (
    <Page state="reconnecting" heading={text("app_name")} dark>
      <div class="banners">
        <ReconnectingBanner shown />
      </div>
      <div class="stage">
        <Help />
      </div>
      <div class="controls">
        <button
          type="button"
          class="control leave"
          onClick={() => report({ type: "leave_pressed" })}
        >
          {text("call_leave")}
        </button>
      </div>
    </Page>
  );
}
