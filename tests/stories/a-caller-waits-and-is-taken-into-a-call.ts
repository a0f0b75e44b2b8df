/**
 * WAIT-1, WAIT-3, WAIT-4: callers wait and see their place, a provider takes one into a call, and outside its
 * hours the area takes nobody.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { come, makeArea, row } from "../harness/area.ts";
import { toldIn } from "../harness/browsers.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { ADMINISTRATOR, Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { untilState } from "../harness/room.ts";
import { until } from "../harness/until.ts";

const PROVIDER = ADMINISTRATOR.name;

/** The name of a day of the week, so many days from now by the school's clock. */
function dayAhead(days: number): string {
  const format = new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone: "Europe/London" });
  return format.format(Date.now() + days * 24 * 60 * 60 * 1_000);
}

/** How often a page was to sound: where there is no sound device, Firefox goes no further. */
async function countSounds(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const counted = globalThis as unknown as { sounds: number };
    counted.sounds = 0;
    const resume = AudioContext.prototype.resume;
    AudioContext.prototype.resume = function () {
      counted.sounds += 1;
      return resume.call(this);
    };
  });
  return () => page.evaluate(() => (globalThis as unknown as { sounds: number }).sounds);
}

for (const engine of toldIn("chromium")) {
  test(`a caller waits and is taken into a call, in ${engine}`, () =>
    withSchool(
      `a caller waits in ${engine}`,
      async (school, people) => {
        // What a page is made of is the same in both.
        const isAccessible = async (screen: string, page: Page) => {
          if (engine === "chromium") {
            assert.deepEqual(await accessProblems(screen, 1280, page), []);
          }
          await picture(page, `${screen.replaceAll(" ", "-")}-${engine}`);
        };
        const office = await Office.setUp(await people.somebody(), school);
        const provider = office.page;
        if (engine === "chromium") {
          await office.goTo("areas/new");
          await fill(provider, { Name: "Front desk" });
          await press(provider, "Save");
          await untilReads(provider, "Choose at least one person.");
        }
        const link = await makeArea(office, "Front desk", [PROVIDER]);
        const desk = { link, area: "Front desk" };
        await isAccessible("area", provider);
        if (engine === "chromium") {
          await office.goTo("areas");
          await untilReads(provider, "1 waiting area");
          await isAccessible("areas", provider);
        }
        const sounds = await countSounds(provider);
        await provider.goto(`${school.origin}/staff`);
        await untilAt(provider, "Start page");
        await untilReads(provider, "Nobody waits");
        // A page that nobody has pressed anything on may not make a sound: this is a press, too.
        await press(provider, "Tell callers about you: Front desk");
        await provider.getByLabel("I am running late").check();
        await fill(provider, { "By how many minutes": "five" });
        await press(provider.getByRole("dialog"), "Save");
        await untilReads(provider, "Enter a number of minutes from 1 to 240.");
        await fill(provider, { "By how many minutes": "5" });
        await isAccessible("tells", provider);
        await press(provider.getByRole("dialog"), "Save");
        await untilReads(provider, "Callers read that you are running 5 minutes late.");

        const khan = await come(people, desk, "Mrs Khan", "A place in Year 7");
        await untilReads(khan, "You are next");
        await untilReads(khan, `${PROVIDER} is running 5 minutes late.`);
        await untilReads(provider, "Mrs Khan is waiting in Front desk.");
        await row(provider, "Mrs Khan").getByText("A place in Year 7").waitFor();
        await row(provider, "Mrs Khan").getByText("Waiting", { exact: true }).waitFor();
        await until("it has sounded", async () => (await sounds()) === 1);
        const lee = await come(people, desk, "Mr Lee");
        await untilReads(lee, "You are number 2 in the queue");
        await untilReads(provider, "2 people wait");
        await until("it has sounded again", async () => (await sounds()) === 2);
        // Nobody who waits sees another.
        assert.doesNotMatch(await lee.content(), /Khan|Year 7/);
        await press(provider, "Message everybody who waits in Front desk");
        await fill(provider, { "Your message": "Have your letter ready." });
        await press(provider.getByRole("dialog"), "Send");
        await untilReads(lee, "Have your letter ready.");
        await untilReads(khan, "Have your letter ready.");
        await isAccessible("waiting", lee);
        await isAccessible("caller list", provider);
        // A reload keeps the place, and sounds for nobody again.
        await lee.reload();
        await untilReads(lee, "You are number 2 in the queue");

        // Where the answer to a press is lost, the same press on another page leads to the same call.
        const second = await provider.context().newPage();
        await second.goto(`${school.origin}/staff`);
        await press(second, "Join Mrs Khan");
        await press(provider, "Join Mrs Khan");
        const ask = provider.getByRole("dialog", { name: "You are about to join Mrs Khan" });
        await ask.getByText("About: A place in Year 7").waitFor();
        await isAccessible("asks", provider);
        await press(ask, "Go back");
        await press(provider, "Join Mrs Khan");
        await press(ask, "Join");
        await untilReads(provider, `This is the link of ${PROVIDER} (Member).`);
        // Her page goes in by itself; who waits behind her moves up.
        await untilState(khan, "call");
        await untilReads(lee, "You are next");
        await untilReads(
          lee,
          `${PROVIDER} is with somebody now. ${PROVIDER} is running 5 minutes late.`,
        );
        await press(second.getByRole("dialog"), "Join");
        await untilReads(second, `This is the link of ${PROVIDER} (Member).`);
        assert.equal(
          await second.getByRole("heading", { name: "Who else may be there" }).count(),
          0,
        );
        await second.goto(`${school.origin}/staff`);

        // Where the page itself is lost, the list leads back to the call, and she may wait again.
        await provider.goto(`${school.origin}/staff`);
        await row(provider, "Mrs Khan").getByRole("button", { name: "Join Mrs Khan" }).waitFor();
        await press(provider, "Back to the queue: Mrs Khan");
        await provider.getByRole("dialog").waitFor();
        await isAccessible("puts back", provider);
        await press(provider.getByRole("dialog"), "Back to the queue");
        await untilReads(khan, "You are next");
        await untilReads(lee, "You are number 2 in the queue");
        await press(second, "Join Mr Lee");
        await press(provider, "Join Mrs Khan");
        await press(ask, "Join");
        await untilState(khan, "call");
        const first = "Join them, put them back or end their visit first.";
        await untilReads(second, `You have taken Mrs Khan. ${first}`);
        await press(second.getByRole("dialog"), "Go back");
        // The dialog that leads there has a Join too.
        await untilReads(provider, `This is the link of ${PROVIDER} (Member).`);
        await press(provider, "Join");
        await untilState(provider, "call");
        await untilReads(provider, "Mrs Khan");
        await untilReads(khan, PROVIDER);
        await picture(khan, `taken-${engine}`);
        await row(second, "Mrs Khan").getByText(`In a call with ${PROVIDER}`).waitFor();

        // Whoever waits no longer may leave a message, which is set aside.
        await press(lee, "Leave a message and go");
        await press(lee.getByRole("dialog"), "Leave a message and go");
        await untilReads(lee, "Enter a message.");
        await fill(lee, { "Your message": "Please ring me on 020 7946 0000." });
        await isAccessible("leaves a message", lee);
        await press(lee.getByRole("dialog"), "Leave a message and go");
        await untilAt(lee, "You are not waiting any more");
        await untilReads(lee, "Your message has been left for Fairview School.");
        await row(second, "Mr Lee").getByText("Please ring me on 020 7946 0000.").waitFor();
        await isAccessible("message left", second);
        await press(second, "Set aside the message of Mr Lee");
        await press(second.getByRole("dialog"), "Set aside");
        await row(second, "Mr Lee").waitFor({ state: "detached" });

        // Whoever leaves the call may come back to it while it goes on, until the visit ends with a word.
        await press(khan, "Leave");
        await khan.getByRole("button", { name: "Join again" }).waitFor();
        assert.equal(await khan.getByRole("button", { name: "Go to the appointments" }).count(), 0);
        await press(khan, "Join again");
        await untilState(khan, "call");
        await press(second, "End the visit of Mrs Khan");
        await fill(second, { "A word to them": "We are closed until Monday." });
        await isAccessible("ends", second);
        await press(second.getByRole("dialog"), "End");
        await untilAt(khan, "Your visit has ended");
        await untilReads(khan, "We are closed until Monday.");
        await isAccessible("ended", khan);
        if (engine === "firefox") {
          return;
        }

        // Outside its hours the area takes nobody, and says when it opens; who waits already waits on.
        const mo = await come(people, desk, "Mo");
        await second.goto(`${school.origin}/office/areas`);
        await second.getByRole("link", { name: "Front desk", exact: true }).click();
        await fill(second, { "Opens at": "08:30", "Closes at": "16:00" });
        await press(second, "Save");
        await untilReads(second, "Choose the days on which it is open.");
        const opens = dayAhead(3);
        await tick(second, [opens]);
        await picture(second, "office-hours");
        await press(second, "Save");
        await untilReads(second, "Front desk has been saved.");
        const closed = mo.getByText(`This waiting area is closed now. It opens on ${opens}`);
        await closed.waitFor();
        await untilReads(mo, "You are next");
        await isAccessible("closed meanwhile", mo);
        await press(mo, "Stop waiting");
        await press(mo.getByRole("dialog"), "Stop waiting");
        await untilAt(mo, "You are not waiting any more");
        await mo.goto("about:blank");
        await mo.goto(link);
        await closed.waitFor();
        assert.equal(await mo.getByLabel("Your name").count(), 0);
        await isAccessible("closed", mo);

        // The office finds by name who came, and erases them.
        await second.goto(`${school.origin}/office/areas`);
        await second.getByRole("link", { name: "Guests and callers", exact: true }).click();
        await untilAt(second, "Guests and callers");
        const heading = (name: string) => second.getByRole("heading", { name, exact: true });
        await heading("Mrs Khan").waitFor();
        await isAccessible("guests and callers", second);
        await fill(second, { "Search for a name": "KHAN" });
        await press(second, "Search");
        await heading("Mo").waitFor({ state: "detached" });
        await press(second, "Erase this person");
        await picture(second, "erases-a-caller");
        await press(second.getByRole("dialog"), "Erase this person");
        await untilReads(second, "Mrs Khan has been erased.");
        await heading("Mrs Khan").waitFor({ state: "detached" });
      },
      {},
      engine,
    ));
}
