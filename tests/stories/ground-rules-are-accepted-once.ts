/**
 * SCR-15: the ground rules stand beside the first Join, which accepts them; version and time are kept, and
 * nobody is shown them again.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { problemsOf } from "../harness/accessibility.ts";
import { type Family, withFamily } from "../harness/family.ts";
import { untilAt } from "../harness/form.ts";
import type { People } from "../harness/people.ts";
import { until } from "../harness/until.ts";

/** Runs in the page: where the story says so, the server has newer rules than the page. */
function newerWhereSaid(): void {
  const ask = window.fetch.bind(window);
  window.fetch = async (address, how) => {
    const answer = await ask(address, how);
    const isAsked = /\/links\/[^/]+$/.test(String(address)) && answer.ok;
    if (!isAsked || sessionStorage.getItem("story.newer") === null) {
      return answer;
    }
    return new Response(JSON.stringify({ ...(await answer.json()), rules: 1_000 }));
  };
}

/** Whoever loads the page again before it has left goes on with the session. */
async function leaves(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Leave" }).click();
  await untilAt(page, "You have left the call");
}

async function acceptedOnce(family: Family, people: People): Promise<void> {
  family.begins(0);
  const accepted = () => {
    const records = new DatabaseSync(family.records, { readOnly: true, timeout: 5_000 });
    const rows = records.prepare("SELECT rules, rules_at FROM links WHERE rules IS NOT NULL").all();
    records.close();
    return rows as { rules: number; rules_at: number }[];
  };
  const forget = () => {
    const records = new DatabaseSync(family.records, { timeout: 5_000 });
    records.prepare("UPDATE links SET rules = NULL, rules_at = NULL").run();
    records.close();
  };
  const began = Date.now();
  const page = await people.somebody();
  await page.addInitScript(newerWhereSaid);
  await page.goto(family.links.parent);
  const rules = page.locator("#ground-rules");
  await rules.getByText("Nobody records the call").waitFor();
  const join = page.getByRole("button", { name: "Join", exact: true });
  assert.match((await join.getAttribute("aria-describedby")) ?? "", /ground-rules/);
  assert.deepEqual(await problemsOf(page), []);
  assert.deepEqual(accepted(), [], "to read them is not to accept them");
  await join.click();
  await until("it is kept", async () => accepted().length === 1);
  const [kept] = accepted();
  assert.ok(kept && kept.rules === 1 && kept.rules_at >= began && kept.rules_at <= Date.now());

  // It is kept with the press: the session that a reload goes on with comes after it.
  await page.locator('main[data-state="call"]').waitFor();
  // As if the call had begun before there were rules: whoever loads the page again has read none.
  forget();
  await page.reload();
  await page.locator('main[data-state="call"]').waitFor();
  await leaves(page);
  await page.goto(family.links.parent);
  await page.reload();
  await rules.getByText("Nobody records the call").waitFor();
  assert.deepEqual(accepted(), []);
  await join.click();
  await until("it is kept", async () => accepted().length === 1);

  await leaves(page);
  await page.goto(family.links.parent);
  await page.reload();
  await join.waitFor();
  assert.equal(await rules.count(), 0);

  // As if they had changed while the page was open: the press shows them, and goes through with none.
  forget();
  await join.click();
  await rules.getByText("Nobody records the call").waitFor();
  await page.getByText("Please read the school's ground rules").waitFor();
  assert.deepEqual(accepted(), []);
  // As if their words were newer than the page's: the press loads those first.
  await page.evaluate(() => sessionStorage.setItem("story.newer", "yes"));
  await page.reload();
  await page.getByText("The school's ground rules have changed.").waitFor();
  await page.evaluate(() => sessionStorage.removeItem("story.newer"));
  await join.click();
  await rules.getByText("Nobody records the call").waitFor();
  assert.deepEqual(accepted(), []);
  await join.click();
  await page.locator('main[data-state="call"]').waitFor();
  assert.equal(accepted().length, 1);
  const guest = await people.somebody();
  await guest.goto(family.links.guest);
  await guest.locator("#ground-rules").waitFor();
}

// Each waits most of its time: they are told at once.
describe("ground rules", { concurrency: true }, () => {
  for (const engine of ["chromium", "firefox"] as const) {
    test(`the ground rules stand beside the first Join, and are accepted by it, in ${engine}`, () =>
      withFamily(`ground rules ${engine}`, acceptedOnce, { engine }));
  }
});
