/**
 * DIR-5: an invitation to register is good for 14 times 24 hours from the moment it was sent, and can be
 * sent anew after that; the older link stays dead. The program's clock is put forward.
 */

import { eveningStory } from "../../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt } from "../../harness/form.ts";
import { ADMINISTRATOR, Office } from "../../harness/office.ts";
import { until } from "../../harness/until.ts";

const EVE = "eve@home.example";
const MINUTE_S = 60;
const DAYS_S = 14 * 24 * 60 * MINUTE_S;

const registrationIn = (text = "") => /https?:\/\/\S+\/register#[\w-]+/.exec(text)?.[0] ?? "";

eveningStory("an invitation to register is good for fourteen days", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  const { page } = office;
  const guardians = [{ name: "Eve Reed", email: EVE }];
  await office.addPupil({ name: "Ada Reed", classes: [], guardians });
  await follow(page, "User Invitations");
  await tick(page, [/^Eve Reed/]);
  await press(page, "Send Invitations");
  const review = page.getByRole("dialog");
  const sent = Date.now();
  await review.getByRole("button", { name: "Send", exact: true }).click();
  const first = registrationIn((await school.mail.untilFor(EVE)).text);
  /** As long after it was sent, at the latest; some seconds later at a minute's distance from the end. */
  const since = async (seconds: number) => {
    school.kill();
    await school.startAgain(seconds - Math.ceil((Date.now() - sent) / 1000));
  };

  const parent = await people.somebody();
  await since(DAYS_S - MINUTE_S);
  await parent.goto(first);
  await untilAt(parent, "Create your account");

  await since(DAYS_S + MINUTE_S);
  await parent.reload();
  await untilAt(parent, "This invitation has expired");

  // The office was signed in two weeks ago.
  await page.reload();
  await fill(page, { "Email address": ADMINISTRATOR.email, Password: ADMINISTRATOR.password });
  await press(page, "Sign in");
  await follow(page, "User Invitations");
  await page.getByText("Invitation expired", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Re-invite Eve Reed" }).click();
  await review.getByRole("button", { name: "Send", exact: true }).click();
  // The first may come once more, where the program was killed before it had noted that it was sent.
  const second = await until("a new link comes", () =>
    school.mail
      .for(EVE)
      .map(({ text }) => registrationIn(text))
      .find((link) => link !== "" && link !== first),
  );
  await parent.goto(second);
  await untilAt(parent, "Create your account");
  await parent.goto(first);
  await untilAt(parent, "There is a newer invitation");
});
