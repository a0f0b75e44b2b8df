/** Real browsers: how Debian's own Chromium and Firefox ESR are started for a story. */

import { type Browser, type BrowserContext, chromium, firefox, type Page } from "playwright-core";

export type Engine = "chromium" | "firefox" | "chromium-without-udp" | "chromium-trusting";

/** Chromium that takes a certificate which vouches for itself. */
const TRUSTING = "--ignore-certificate-errors";

/** Chromium as a policy sets it up that allows no UDP but through a proxy. */
const WITHOUT_UDP = "--webrtc-ip-handling-policy=disable_non_proxied_udp";

/**
 * How Chromium is set up: `fake` has a camera that shows 15 moving pictures a second and a
 * microphone that beeps; `quick` the same with 30 pictures a second; `shares` the same, and a person who allows everything, which is the only
 * way to share a screen where there is none; `several` has three cameras, each of another colour, and
 * three microphones; `bare` has what the machine has, on a server nothing; `pages` is Chromium's
 * headless shell, with a camera that shows 5 pictures a second, and a person who allows it: the same pages at half the
 * cost, for stories in which calls are not what is looked at.
 */
export type Setup = "fake" | "quick" | "shares" | "several" | "bare" | "pages";

/**
 * What Chromium has beside the page and no story looks at. The first of them are pages of its own, drawn
 * for each window by a process of their own, which cost more than ours do; the others are those that
 * Playwright names, because the last such list counts.
 */
const NOT_OF_THE_PAGE = [
  "InitialWebUI",
  "PreloadTopChromeWebUI",
  "PreloadTopChromeWebUILessNavigations",
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
  "WebUIToolbar",
  "WebUIReloadButton",
  "AimEnabled",
  "AutoDeElevate",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "BlockOriginHeaderModificationOnRedirect",
  "DestroyProfileOnBrowserClose",
  "DialMediaRouteProvider",
  "GlobalMediaControls",
  "HttpsUpgrades",
  "LensOverlay",
  "MediaRouter",
  "NetworkTimeServiceQuerying",
  "OptimizationHints",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "Translate",
];

/** The same of Firefox: what it starts with, looks up and keeps ready beside the page. */
const NOT_OF_THE_PAGE_IN_FIREFOX = {
  "app.normandy.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.newtabpage.enabled": false,
  "browser.pagethumbnails.capturing_disabled": true,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.search.suggest.enabled": false,
  "browser.sessionstore.interval": 3_600_000,
  "browser.startup.page": 0,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.ipc.processPrelaunch.enabled": false,
  "extensions.enabledScopes": 0,
  "extensions.formautofill.addresses.enabled": false,
  "extensions.getAddons.cache.enabled": false,
  "extensions.installDistroAddons": false,
  "extensions.webcompat.enable_shims": false,
  "toolkit.telemetry.enabled": false,
} as const;

/** Several begin at a time, beside what goes on: that takes as long as it takes, and is no part of a story. */
const BEGINS_WITHIN_MS = 120_000;

const DEVICES: Readonly<Record<Setup, readonly string[]>> = {
  fake: ["--use-fake-device-for-media-stream=fps=15"],
  quick: ["--use-fake-device-for-media-stream=fps=30"],
  shares: ["--use-fake-device-for-media-stream=fps=15", "--use-fake-ui-for-media-stream"],
  several: ["--use-fake-device-for-media-stream=device-count=3,fps=15"],
  bare: [],
  pages: ["--use-fake-device-for-media-stream=fps=5", "--use-fake-ui-for-media-stream"],
};

/** How many pictures a second Firefox's camera shows, whatever a page asks for. */
const FIREFOX_PICTURES: Readonly<Record<Setup, number>> = {
  fake: 15,
  quick: 30,
  shares: 15,
  several: 15,
  bare: 15,
  pages: 5,
};

const CHROMIUM = "/usr/bin/chromium";
const HEADLESS_SHELL = "/usr/bin/chromium-headless-shell";

/**
 * The browsers in which a story of rooms, waiting areas and the staff is told that is long, or of pages that follow what
 * the office does: in this one, some in Chromium and some in Firefox, and by `scripts/test --long` in both. Whatever else a
 * parent meets is told in both always.
 */
export function toldIn(engine: "chromium" | "firefox"): readonly Engine[] {
  return process.env.HOMEROOM_LONG === undefined ? [engine] : ["chromium", "firefox"];
}

/** Starts a browser. */
export async function launch(engine: Engine, setup: Setup = "fake"): Promise<Browser> {
  switch (engine) {
    case "chromium":
      return launchChromium(DEVICES[setup], setup === "pages" ? HEADLESS_SHELL : CHROMIUM);
    case "chromium-without-udp":
      return launchChromium([...DEVICES[setup], WITHOUT_UDP]);
    case "chromium-trusting":
      return launchChromium([...DEVICES[setup], TRUSTING]);
    case "firefox":
      return launchFirefox(FIREFOX_PICTURES[setup]);
  }
}

function launchChromium(devices: readonly string[], executablePath = CHROMIUM): Promise<Browser> {
  return chromium.launch({
    executablePath,
    chromiumSandbox: false,
    timeout: BEGINS_WITHIN_MS,
    args: [
      ...devices,
      "--disable-background-networking",
      "--disable-component-update",
      // Debian has pages drawn by the graphics card, and where there is none a program that plays one is dear.
      "--disable-gpu",
      "--disable-sync",
      `--disable-features=${NOT_OF_THE_PAGE.join(",")}`,
    ],
  });
}

function launchFirefox(pictures: number): Promise<Browser> {
  return firefox.launch({
    channel: "moz-firefox",
    executablePath: "/usr/bin/firefox-esr",
    timeout: BEGINS_WITHIN_MS,
    firefoxUserPrefs: {
      "media.navigator.streams.fake": true,
      "media.navigator.video.default_fps": pictures,
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
      ...NOT_OF_THE_PAGE_IN_FIREFOX,
    },
  });
}

export type { Browser, BrowserContext, Page };
