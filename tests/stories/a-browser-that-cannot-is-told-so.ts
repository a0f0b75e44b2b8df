/** SCR-1: what a browser lacks stands in the way of that alone, and is said with what to do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { CONTACT, withFamily } from "../harness/family.ts";
import { follow, press, untilAt } from "../harness/form.ts";
import { until } from "../harness/until.ts";

async function untilCopies(page: Page): Promise<void> {
  const link = page.getByLabel("Your link", { exact: true });
  assert.equal(await link.inputValue(), page.url());
  await press(page, "Copy the link");
  await page.getByText(/^The link (has been copied|is selected)/).waitFor();
}

for (const engine of ["chromium", "firefox"] as const) {
  test(`without WebRTC only Join cannot be used, and says why, in ${engine}`, () =>
    withFamily(
      `no webrtc in ${engine}`,
      async (family, people) => {
        const page = await people.somebody();
        // Lockdown Mode, or an extension.
        await page.addInitScript(() => {
          Reflect.deleteProperty(globalThis, "RTCPeerConnection");
        });
        await page.goto(family.links.parent);
        await untilAt(page, "My Bookings");
        await follow(page, "Add a note");
        await page.getByLabel("Note to the teacher").fill("About fractions");
        await press(page, "Save the note");
        await page.getByText("Your note: About fractions").waitFor();
        await follow(page, "Check your camera and microphone");
        await page.getByText("Your network could not be checked from here.").waitFor();
        await follow(page, "Back");
        family.begins(0);
        await page.reload();
        for (const _press of [1, 2]) {
          await page.getByRole("button", { name: "Join", exact: true }).first().click();
          await page.getByText("This browser cannot make video calls").waitFor();
        }
        await untilAt(page, "My Bookings");
        await untilCopies(page);
      },
      { engine },
    ));
}

test("a view inside another app says where to open the link", () =>
  withFamily("webview", async (family, people) => {
    const page = await people.somebody();
    await page.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, "mediaDevices", { get: () => undefined });
    });
    await page.goto(family.links.guest);
    await untilAt(page, "You are invited to a video appointment");
    await press(page, "Turn on camera and microphone");
    await page.getByText("Open this link in Safari or Chrome.").waitFor();
    assert.equal(await page.getByText("https").count(), 0);
    await untilCopies(page);
  }));

test("what the system denies is allowed in its settings, and not in the browser's", () =>
  withFamily("denied by the system", async (family, people) => {
    const page = await people.somebody();
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException("Permission denied by system", "NotAllowedError"));
    });
    await page.goto(family.links.guest);
    await press(page, "Turn on camera and microphone");
    await page
      .getByText("This device does not let your browser use the camera and the microphone.")
      .waitFor();
    await page.getByText("in the settings of this device").waitFor();
    assert.equal(await page.getByText("beside the address of this page").count(), 0);
  }));

test("a browser that cannot run the page reads what to use and whom to phone", () =>
  withFamily("old browsers", async (family, people, school) => {
    for (const [address, asset] of [
      [family.links.guest, "/assets/"],
      [`${school.origin}/office`, "/assets/"],
      // The script is there, and this browser does not understand it.
      [family.links.guest, "syntax"],
    ] as const) {
      const page = await people.somebody();
      await page.route(/\/assets\/.*\.js$/, (route) =>
        asset === "syntax"
          ? route.fulfill({ contentType: "text/javascript", body: "let let = ?;" })
          : route.abort(),
      );
      await page.goto(address);
      await page.getByText("this browser may be too old", { exact: false }).waitFor();
      await page.getByText("up-to-date Chrome, Edge, Firefox or Safari").waitFor();
      const phone = page.getByRole("link", { name: CONTACT.phone });
      // A page that the records are too slow for says so without a number: it is loaded again.
      await until("it says whom to phone", async () => {
        if ((await phone.count()) > 0) {
          return true;
        }
        await page.reload();
        return false;
      });
      assert.equal(await phone.getAttribute("href"), "tel:02079460000");
    }
    // One that runs it and lacks what is younger is served.
    const older = await people.somebody();
    await older.addInitScript(() => {
      Reflect.deleteProperty(AbortSignal, "timeout");
      Reflect.deleteProperty(AbortSignal, "any");
    });
    await older.goto(family.links.guest);
    await untilAt(older, "You are invited to a video appointment");
    assert.equal(await older.getByText("this browser may be too old").count(), 0);
  }));
