/** Real browsers: how Debian's own Chromium and Firefox ESR are started for a story. */

import { type Browser, type BrowserContext, chromium, firefox, type Page } from "playwright-core";

export type Engine = "chromium" | "firefox";

export type LaunchOptions = {
  /** How many fake cameras and microphones Chromium has. */
  readonly devices?: 0 | 1 | 3;
};

/** Starts a browser whose camera shows 15 moving pictures a second and whose microphone beeps. */
export async function launch(engine: Engine, options: LaunchOptions = {}): Promise<Browser> {
  return engine === "chromium" ? launchChromium(options.devices ?? 1) : launchFirefox();
}

function launchChromium(devices: number): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    chromiumSandbox: false,
    args: [
      `--use-fake-device-for-media-stream=fps=15,device-count=${devices}`,
      "--auto-select-desktop-capture-source=Entire screen",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

function launchFirefox(): Promise<Browser> {
  return firefox.launch({
    channel: "moz-firefox",
    executablePath: "/usr/bin/firefox-esr",
    firefoxUserPrefs: {
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      "media.navigator.permission.fake": true,
      "permissions.default.camera": 1,
      "permissions.default.microphone": 1,
      "media.autoplay.default": 0,
      "media.peerconnection.ice.loopback": true,
      "media.peerconnection.ice.obfuscate_host_addresses": false,
      "media.gmp-manager.updateEnabled": false,
      "media.gmp-provider.enabled": false,
      "services.settings.server": "data:,#remote-settings-dummy/v1",
    },
  });
}

export type { Browser, BrowserContext, Page };
