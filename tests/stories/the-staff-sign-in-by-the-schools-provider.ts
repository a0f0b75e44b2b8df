/**
 * OPS-7: whoever the office has entered signs in by the school's provider, one that nobody here wrote, and is led to
 * the page that was asked for; nobody else is, and each is told why and whom to ask: not who is unknown, not who has
 * left, not who has an address by now that was somebody else's. Where passwords are switched off, one that was made on
 * the server opens.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, follow, press, untilAt, untilReads } from "../harness/form.ts";
import { ADMINISTRATOR, Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { PROGRAM } from "../harness/program.ts";
import { Provider } from "../harness/provider.ts";

const run = promisify(execFile);

const NAME = "the staff sign in by the school's provider";
const BUTTON = "Sign in with Fairview ID";
const MIA = "mia@fairview.example";

/** By what the provider calls them, and their addresses there. */
const PEOPLE = { dana: ADMINISTRATOR.email, mia: MIA, zoe: "zoe@fairview.example" };

async function isAccessible(screen: string, page: Page): Promise<void> {
  for (const width of [1280, 360]) {
    assert.deepEqual(await accessProblems(screen, width, page), []);
  }
  await picture(page, screen);
}

async function untilRefused(page: Page, words: RegExp): Promise<void> {
  await untilAt(page, "You are not signed in");
  await page.getByText(words).waitFor();
  assert.equal(new URL(page.url()).search, "", "the code is in no history");
}

test(NAME, async () => {
  const provider = await Provider.open(PEOPLE);
  try {
    await withSchool(
      NAME,
      async (school, people) => {
        const office = await Office.setUp(await people.somebody(), school);
        await office.goTo("rooms/members/new");
        await fill(office.page, { Name: "Mia Member", "Email address": MIA });
        await press(office.page, "Add");
        await office.page.getByText("Mia Member has an account").waitFor();

        // Whoever the office has entered comes in, without a password.
        const mia = await people.somebody();
        await mia.goto(`${school.origin}/staff`);
        await untilAt(mia, "Sign in");
        await isAccessible("openid-sign-in", mia);
        await press(mia, BUTTON);
        await provider.signIn(mia, "mia");
        await untilAt(mia, "Start page");
        await mia.getByText("Mia Member").first().waitFor();
        const told = await school.mail.untilFor(MIA);
        assert.equal(told.subject, "Your school account now signs you in");

        // To the page that was asked for.
        const dana = await people.somebody();
        await dana.goto(`${school.origin}/office/rooms/members`);
        await untilAt(dana, "Sign in");
        await press(dana, BUTTON);
        await provider.signIn(dana, "dana");
        await untilAt(dana, "Staff");
        assert.equal(new URL(dana.url()).pathname, "/office/rooms/members");
        await dana.getByText("signs in with Fairview ID").nth(1).waitFor();
        await isAccessible("openid-members", dana);

        // Somebody unknown is told which address was said, and comes in by another account of theirs.
        const zoe = await people.somebody();
        await zoe.goto(`${school.origin}/staff`);
        await press(zoe, BUTTON);
        await provider.signIn(zoe, "zoe");
        await untilRefused(zoe, /your address is zoe@fairview\.example/);
        await isAccessible("openid-not-entered", zoe);
        await press(zoe, BUTTON);
        await provider.signIn(zoe, "mia");
        await untilAt(zoe, "Start page");
        await press(zoe, "Sign out");
        await untilAt(zoe, "Sign in");

        // Whoever changes their mind there is led back.
        const nobody = await people.somebody();
        await nobody.goto(`${school.origin}/staff`);
        await press(nobody, BUTTON);
        await nobody.getByRole("link", { name: "Cancel" }).click();
        await untilRefused(nobody, /was cancelled/);
        await follow(nobody, "Back to the sign-in page");
        await untilAt(nobody, "Sign in");
        await nobody.goto(`${school.origin}/openid?state=x&code=y`);
        await untilRefused(nobody, /started in another browser/);

        // Mia's address is given to somebody else.
        provider.people.set("mia", "mia.member@fairview.example");
        provider.people.set("mia-the-second", MIA);
        await nobody.goto(`${school.origin}/staff`);
        await press(nobody, BUTTON);
        await provider.signIn(nobody, "mia-the-second");
        await untilRefused(nobody, /signs in with another account/);
        await isAccessible("openid-otherwise", nobody);
        await press(zoe, BUTTON);
        await provider.goOn(zoe);
        await untilAt(zoe, "Start page");

        // It is a new account of hers: the office says so.
        await press(dana, "Unlink Fairview ID from Mia Member");
        await dana.getByRole("dialog").waitFor();
        await isAccessible("openid-unlink", dana);
        await press(dana.getByRole("dialog"), "Unlink Fairview ID");
        await untilReads(dana, "Mia Member is signed out, and signs in with Fairview ID again.");
        await nobody.goto(`${school.origin}/staff`);
        await press(nobody, BUTTON);
        await provider.goOn(nobody);
        await untilAt(nobody, "Start page");

        // Somebody is signed out while they work: another tab, and what they did goes on.
        await dana.context().clearCookies({ name: "homeroom" });
        await press(dana, "Remove Mia Member");
        const asked = dana.getByRole("dialog").filter({ hasText: "Remove Mia Member?" });
        await asked.getByRole("button", { name: "Remove", exact: true }).click();
        const again = dana.getByRole("dialog").filter({ hasText: "Please sign in again" });
        await again.waitFor();
        await picture(dana, "openid-again");
        const [tab] = await Promise.all([
          dana.context().waitForEvent("page"),
          again.getByRole("button", { name: BUTTON }).click(),
        ]);
        await provider.goOn(tab);
        await untilAt(tab, "Staff");
        await untilReads(dana, "Mia Member can no longer sign in.");

        // Whoever has left comes in no more.
        await nobody.goto(`${school.origin}/staff`);
        await untilAt(nobody, "Sign in");
        await press(nobody, BUTTON);
        await provider.goOn(nobody);
        await untilRefused(nobody, /your address is mia@fairview\.example/);

        // By the provider alone, and by what is made on the server for the day on which that is away.
        school.kill();
        school.environment.HOMEROOM__OPENID__ONLY = "true";
        await school.startAgain();
        await zoe.goto(`${school.origin}/office`);
        await untilAt(zoe, "Sign in");
        assert.equal(await zoe.getByLabel("Password").count(), 0);
        await isAccessible("openid-only", zoe);
        const made = await run(PROGRAM, ["password", ADMINISTRATOR.email], {
          env: school.environment,
          cwd: school.folder,
        });
        const password = /\b\w{20}\b/.exec(made.stdout)?.[0] ?? "";
        await press(zoe, "Sign in with an emergency password");
        for (const [one, isRight] of [
          [ADMINISTRATOR.password, false],
          [password, true],
        ] as const) {
          await fill(zoe, { "Email address": ADMINISTRATOR.email, Password: one });
          await zoe.getByRole("button", { name: "Sign in", exact: true }).click();
          await (isRight
            ? untilAt(zoe, "Evenings")
            : zoe.getByText("The email address or the password is wrong.").waitFor());
        }
      },
      provider.settings,
    );
  } finally {
    await provider.close();
  }
});
