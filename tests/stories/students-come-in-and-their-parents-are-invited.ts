/**
 * DIR-1, DIR-11, DIR-7, DIR-5: an empty school takes its staff, its classes and its students out of lists.
 * Students are placed in homerooms and their parents invited to register in one go; whoever has no e-mail
 * address is reached by text, and by a printed letter where they have no number either. An evening then
 * offers each family the teachers of its classes.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { linkIn } from "../harness/mailbox.ts";
import { eveningOfNow, Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { readQr } from "../harness/qr.ts";
import type { School } from "../harness/school.ts";
import { TEXTS_TO_FILES, untilTexted } from "../harness/texts.ts";

const STAFF = [
  "Staff code,Forename,Surname,Work email",
  "NOK,Ngozi,Okafor,okafor@fairview.example",
  "TBR,Tom,Brandt,brandt@fairview.example",
];
const CLASSES = [
  "Class,Class ID,Subject,Teacher",
  "8B/Ma,0112,Mathematics,Ms Okafor; T Brandt",
  "7A/Mu,0113,Music,Brandt",
];
const FILE = [
  "Student ID,Student,Homeroom,Year group,Classes,Guardian,E-mail,Relationship,Guardian 2,Guardian 2 mobile",
  "1042,Ada Reed,8B,Year 8,8B/Ma,Eve Reed,eve@home.example,Mother",
  "1043,Leo Reed,7A,07,7A/Mu,Eve Reed,eve@home.example,Mother",
  "1044,Max Hill,8B,8,8B/Ma,Tom Hill,tom@home.example,Father",
  "1045,Nia Stone,7A,Year 7,,Ola Stone,,Aunt,Jon Stone,07700 900321",
];
const WHOLE = "This list is whole: it names every student, teacher or class of the school";

/** Staff and who takes what come in, each with its result before anything is done. */
async function bringStaff(office: Office): Promise<void> {
  const { page } = office;
  const imported = async (next: string) => {
    await press(page, "Import now");
    await untilAt(page, "The import is done");
    await follow(page, next);
  };
  await office.checkStudents(STAFF.join("\n"));
  await untilReads(page, "2 new, 0 changed, 0 as they are, 0 refused");
  await page.getByText("Adds the teacher Ngozi Okafor, okafor@fairview.example").waitFor();
  await imported("Go to the teachers");
  await page.getByText("brandt@fairview.example").waitFor();
  // A row of nobody who is known is refused, and says why.
  await office.checkStudents([...CLASSES, "9C/La,0114,Latin,Ms Hall"].join("\n"));
  await untilReads(page, "2 new, 0 changed, 0 as they are, 1 refused");
  await page.getByText("Adds the class 8B/Ma: Ngozi Okafor, Tom Brandt").waitFor();
  await page.getByText('there is no teacher named "Ms Hall"').waitFor();
  assert.deepEqual(await accessProblems("import-classes", 1280, page), []);
  await picture(page, "import-classes");
  await imported("Go to the classes");
  await page.getByRole("row", { name: /8B\/Ma Mathematics .*Ngozi Okafor/ }).waitFor();
  // Zeros that a spreadsheet lost change nothing; whom a whole list leaves out would be gone.
  await office.checkStudents(CLASSES.join("\n").replaceAll(",0", ","));
  await untilReads(page, "This file changes nothing: everything is as it says.");
  await press(page, "Choose another file");
  await tick(page, [WHOLE]);
  await page.getByLabel("CSV file").setInputFiles({
    name: "staff.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(STAFF.slice(0, 2).join("\n")),
  });
  await press(page, "Check the file");
  await untilReads(page, "Tom Brandt has left");
  await page.getByText("This file no longer names more than a fifth").waitFor();
}

/** What an evening offers a family: the teachers of its classes. */
async function chooses(office: Office, school: School, parent: Page): Promise<void> {
  const before = school.mail.for("eve@home.example").length;
  await office.createEvening("Autumn evening", eveningOfNow());
  const letter = await school.mail.untilFor("eve@home.example", before + 1);
  await parent.goto(linkIn(letter));
  await untilAt(parent, "My Bookings");
  await follow(parent, "Choose appointments");
  const offered = (subject: string) =>
    parent.getByRole("listitem").filter({
      has: parent.getByRole("heading", { name: subject }),
    });
  await offered("Mathematics").getByText("Ngozi Okafor and Tom Brandt").waitFor();
  await offered("Music").getByText("Tom Brandt").waitFor();
}

/** The link to register in an e-mail or a text. */
const registrationIn = (text = "") => /https?:\/\/\S+\/register#[\w-]+/.exec(text)?.[0] ?? "";

/** Whoever came by text or letter says their address, and goes on by the e-mail that comes there. */
async function sayAddress(page: Page, school: School, address: string): Promise<void> {
  await untilAt(page, "Create your account");
  await fill(page, { "Email address": address });
  await press(page, "Send the email");
  await page.getByText(`An email is on its way to ${address}.`).waitFor();
  await page.goto(registrationIn((await school.mail.untilFor(address)).text));
  await untilReads(page, `You will sign in with ${address}. Choose a password.`);
}

test("students come in, and their parents are invited in one go", () =>
  withSchool(
    "students come in, and their parents are invited in one go",
    async (school, people) => {
      const office = await Office.setUp(await people.somebody(), school);
      const { page } = office;
      await bringStaff(office);
      const take = async (rows: readonly string[]) => {
        await office.goTo("students");
        await follow(page, "Import Students With Email Invitation to Parents");
        await untilAt(page, "Import Students With Email Invitation to Parents");
        await page.getByLabel("CSV file").setInputFiles({
          name: "students.csv",
          mimeType: "text/csv",
          buffer: Buffer.from(rows.join("\n")),
        });
        await press(page, "Check the file");
        await untilAt(page, "What the import would do");
      };
      await take(FILE);
      assert.deepEqual(await accessProblems("import and invite", 1280, page), []);
      assert.equal(school.mail.for("eve@home.example").length, 0, "nothing is sent by a check");
      await press(page, "Import now");
      await untilAt(page, "The import is done");
      await page.getByText("3 parents and guardians are being sent an invitation").waitFor();
      await picture(page, "import-inviting");

      const letter = await school.mail.untilFor("eve@home.example");
      assert.match(letter.text ?? "", /because you are a contact of Ada Reed and Leo Reed/);
      await school.mail.untilFor("tom@home.example");
      const parent = await people.somebody();
      await parent.goto(registrationIn(letter.text));
      await untilAt(parent, "Create your account");

      await follow(page, "User Invitations");
      await untilAt(page, "User Invites for Pupils & Contacts");
      const of = (name: string) => page.getByRole("listitem").filter({ hasText: name });
      await of("Ada Reed, 8B").getByText("Invited, until").waitFor();
      const stones = of("Nia Stone, 7A");
      await stones.getByText("No email address").first().waitFor();

      // By text: words, and the link on a line of its own.
      const texted = await untilTexted(school, "+447700900321");
      const [words = "", link = "", ...rest] = texted.trimEnd().split("\n");
      assert.match(words, /^.+ invites you to create your account\. Good until .+:$/);
      assert.deepEqual([registrationIn(link), rest], [link, []]);
      await parent.goto(link);
      await picture(parent, "register-address");
      await sayAddress(parent, school, "jon@home.example");

      // By letter: printing is the sending.
      const print = async () => {
        await tick(page, [/^Ola Stone/]);
        await press(page, "Send Invitations");
        const review = page.getByRole("dialog");
        await review.getByText("Ola Stone, by printed letter (Nia Stone)").waitFor();
        await press(review, "Send");
        await review.getByText("1 letter waits to be printed.").waitFor();
        await picture(page, "letters-wait");
        await press(review, "Print 1 letter");
        await untilAt(page, "Letters to print");
        return (await page.locator(".letter .code").textContent()) ?? "";
      };
      await untilReads(page, "Invited by a letter that you print");
      await picture(page, "registrations-reached");
      const first = await print();
      await press(page, "Back to User Invitations");
      await stones.getByText("Invited, until").nth(1).waitFor();
      const code = await print();
      assert.deepEqual(await accessProblems("letters", 1280, page), []);
      await picture(page, "letters");
      const spelt = code.replace(/\s/g, "");
      const qr = await readQr(page.locator(".letter svg"), parent);
      assert.equal(qr, `${school.origin}/register#${spelt}`);
      await page.emulateMedia({ media: "print" });
      assert.equal(await page.getByText("Dear Ola Stone,").isVisible(), true);
      for (const other of ["Letters to print", "User Invitations"]) {
        assert.equal(
          await page.getByText(other, { exact: true }).first().isVisible(),
          false,
          other,
        );
      }
      await picture(page, "letters-print");
      await page.emulateMedia({ media: null });

      // Typed at the school's address, only the code that was printed last leads on.
      const type = async (code: string) => {
        await parent.goto(school.origin);
        await fill(parent, { "Your whole link": code });
        await press(parent, "Open my link");
      };
      await type(first);
      await untilAt(parent, "There is a newer invitation");
      await type(code.toUpperCase());
      await sayAddress(parent, school, "ola@home.example");
      await fill(parent, { Password: "a kettle on the hob" });
      await press(parent, "Create the account");
      await untilAt(parent, "Your account at Fairview School");
      await press(page, "Back to User Invitations");
      await stones.getByText("Registered", { exact: true }).waitFor();

      // A family that comes later is invited; nobody is a second time.
      await take([...FILE, "1046,Zoe Park,7A,,,Ivy Park,ivy@home.example,Mother"]);
      await press(page, "Import now");
      await page.getByText("1 parent or guardian is being sent an invitation").waitFor();
      await school.mail.untilFor("ivy@home.example");
      assert.equal(school.mail.for("eve@home.example").length, 1);
      await untilReads(page, "1 new, 0 changed, 4 as they are, 0 refused");

      // DIR-13: of a father who comes in a second time, in another spelling, the two records are made one.
      const twice = [...FILE, "1047,Kit Hill,8B,,,HILL Tom,tom@work.example,Father"];
      await take(twice);
      await press(page, "Import now");
      // What it would do has been read before, in the same words.
      await untilAt(page, "The import is done");
      await office.goTo("students");
      await follow(page, "These may be the same person");
      await untilAt(page, "These may be the same person");
      await untilReads(
        page,
        "They have the same name, and a student, a homeroom or a family in common.",
      );
      assert.deepEqual(await accessProblems("the same person", 1280, page), []);
      await picture(page, "alike");
      const tom = page.getByRole("region", { name: "Tom Hill", exact: true });
      await tom.getByRole("button", { name: "Same person: keep this record" }).click();
      await untilReads(page, "They become a guardian of Kit Hill too.");
      await press(page, "Make them one");
      await untilReads(page, "There is one record now, Tom Hill.");
      await untilReads(page, "No two records look like the same person.");

      // The same file again knows that both are one, and it can be undone.
      await take(twice);
      await untilReads(page, "0 new, 0 changed, 5 as they are, 0 refused");
      await office.goTo("students");
      await follow(page, "These may be the same person");
      await press(page, "Undo");
      await untilReads(page, "Tom Hill and HILL Tom are two records again.");
      await press(page, "Not the same person");
      await untilReads(page, "No two records look like the same person.");
      await chooses(office, school, parent);
    },
    TEXTS_TO_FILES,
  ));
