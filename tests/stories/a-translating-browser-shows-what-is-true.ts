/** A browser that translates pages puts elements of its own into them: nothing breaks, and nothing is stale. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { withFamily } from "../harness/family.ts";
import { until } from "../harness/until.ts";

/** Does to a page's text what a translating browser does, from now on. */
function translate(): void {
  const app = document.getElementById("app");
  if (app === null) {
    return;
  }
  const swap = (text: Text) => {
    if (!text.data.trim() || text.parentElement?.localName === "font") {
      return;
    }
    const outer = document.createElement("font");
    const inner = document.createElement("font");
    inner.textContent = `[${text.data}]`;
    outer.append(inner);
    text.parentNode?.replaceChild(outer, text);
  };
  const all = (root: Node) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found: Text[] = [];
    while (walk.nextNode()) {
      found.push(walk.currentNode as Text);
    }
    for (const text of found) {
      swap(text);
    }
  };
  all(app);
  const look = (changes: MutationRecord[]) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (node instanceof Text) {
        node.isConnected && swap(node);
      } else if (node instanceof Element && node.localName !== "font") {
        all(node);
      }
    }
  };
  new MutationObserver(look).observe(app, { childList: true, subtree: true });
}

/** What a page says, as its reader reads it, without the marks of the translation. */
async function words(page: Page): Promise<string> {
  const text = await page.locator("#app").innerText();
  return text.replaceAll(/[[\]]/g, "").replaceAll(/\s+/g, " ").trim();
}

test("a translated page says the same as one that is not, at every step", () =>
  withFamily("translate", async (family, people, school) => {
    family.begins(0);
    const pages: Page[] = [];
    const failures: string[] = [];
    for (const translated of [true, false]) {
      const page = await people.somebody();
      page.on("pageerror", ({ message }) => failures.push(message));
      await page.goto(family.links.teacher);
      await page
        .getByRole("button", { name: /^\[?Join\]?$/ })
        .first()
        .waitFor();
      if (translated) {
        await page.evaluate(translate);
      }
      pages.push(page);
    }
    const [translated, plain] = pages;
    assert.ok(translated && plain);
    const agree = (what: string) =>
      until(what, async () => {
        assert.equal(await words(translated), await words(plain));
        return true;
      });
    await agree("the same at first");

    // Facts change under the translation.
    const guest = await people.somebody();
    await guest.goto(family.links.guest);
    await guest.getByRole("button", { name: "Join", exact: true }).first().click();
    await until("both pages know that the guest is there", async () => {
      const said = await Promise.all(pages.map(words));
      return said.every((one) => one.includes("In the call"));
    });
    await agree("the same with the guest there");
    await guest.getByRole("button", { name: "Leave", exact: true }).click();
    await until("both pages know that the guest is gone", async () => {
      const said = await Promise.all(pages.map(words));
      return said.every((one) => !one.includes("In the call"));
    });
    await agree("the same without the guest");
    for (const page of pages) {
      await page.getByRole("link", { name: /Check your camera/ }).click();
      await page.locator("[data-network]:not([data-network=checking])").waitFor();
    }
    await agree("the same at the device check");
    for (const page of pages) {
      await page.getByRole("link", { name: /^\[?Back\]?$/ }).click();
      await page.locator("[data-appointment]").first().waitFor();
    }

    // In the call: people come and go.
    await translated
      .getByRole("button", { name: /^\[?Join\]?$/ })
      .first()
      .click();
    await translated.getByText("Nobody else is here yet").first().waitFor();
    await guest.getByRole("button", { name: "Join again", exact: true }).click();
    await until("the guest is shown", async () => (await words(translated)).includes("Paulo"));
    await until("nobody is not", async () => {
      return (await translated.locator(".alone").count()) === 0;
    });
    await translated
      .getByRole("button", { name: /Microphone/ })
      .first()
      .click();
    await translated.getByRole("button", { name: /Settings/ }).click();
    await translated.getByRole("button", { name: /^\[?Close\]?$/ }).click();
    await translated.getByRole("button", { name: /Leave/ }).click();
    await until("the end is shown", async () =>
      (await words(translated)).includes("You have left the call"),
    );

    // The office too.
    const office = await people.somebody();
    office.on("pageerror", ({ message }) => failures.push(message));
    await office.goto(`${school.origin}/office`);
    await office.getByRole("heading", { name: "Sign in" }).waitFor();
    await office.evaluate(translate);
    await office.getByRole("button", { name: /Sign in/ }).click();
    await office.getByText("Enter the email address").first().waitFor();
    await office.getByLabel(/Email address/).fill("dana@fairview.example");
    await office
      .getByRole("button", { name: /Sign in/ })
      .first()
      .click();
    await until("what is right now is not called wrong", async () => {
      return !(await words(office)).includes("Enter the email address");
    });
    assert.deepEqual(failures, []);
  }));
