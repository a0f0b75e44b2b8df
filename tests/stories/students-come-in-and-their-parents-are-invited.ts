/** DIR-7: students are placed in homerooms and their parents invited to register in one go. */

import assert from "node:assert/strict";
import { accessProblems } from "../harness/accessibility.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { follow, press, untilAt, untilReads } from "../harness/form.ts";
import { Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";

const FILE = [
  "Student ID,Student,Homeroom,Guardian,E-mail,Relationship",
  "1042,Ada Reed,8B,Eve Reed,eve@home.example,Mother",
  "1043,Leo Reed,7A,Eve Reed,eve@home.example,Mother",
  "1044,Max Hill,8B,Tom Hill,tom@home.example,Father",
  "1045,Nia Stone,7A,Ola Stone,,Aunt",
];

eveningStory(
  "students come in, and their parents are invited in one go",
  async (school, people) => {
    const office = await Office.setUp(await people.somebody(), school);
    const { page } = office;
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
    await page.getByText("2 parents and guardians are being sent an invitation").waitFor();
    await picture(page, "import-inviting");

    const letter = await school.mail.untilFor("eve@home.example");
    assert.match(letter.text ?? "", /because you are a contact of Ada Reed and Leo Reed/);
    await school.mail.untilFor("tom@home.example");
    const parent = await people.somebody();
    await parent.goto(/https?:\/\/\S+\/register#[\w-]+/.exec(letter.text ?? "")?.[0] ?? "");
    await untilAt(parent, "Create your account");

    await follow(page, "User Invitations");
    await untilAt(page, "User Invites for Pupils & Contacts");
    const of = (name: string) => page.getByRole("listitem").filter({ hasText: name });
    await of("Ada Reed, 8B").getByText("Invited, until").waitFor();
    await of("Nia Stone, 7A").getByText("No e-mail address").first().waitFor();

    // A family that comes later is invited; nobody is a second time.
    await take([...FILE, "1046,Zoe Park,7A,Ivy Park,ivy@home.example,Mother"]);
    await press(page, "Import now");
    await page.getByText("1 parent or guardian is being sent an invitation").waitFor();
    await school.mail.untilFor("ivy@home.example");
    assert.equal(school.mail.for("eve@home.example").length, 1);
    await untilReads(page, "1 new, 0 changed, 4 as they are, 0 refused");

    // DIR-13: of a father who comes in a second time, in another spelling, the two records are made one.
    const twice = [...FILE, "1047,Kit Hill,8B,HILL Tom,tom@work.example,Father"];
    await take(twice);
    await press(page, "Import now");
    await untilReads(page, "1 new, 0 changed, 4 as they are, 0 refused");
    await office.goTo("students");
    await follow(page, "These may be the same person");
    await untilAt(page, "These may be the same person");
    await untilReads(page, "They have the same name, and a student or a homeroom in common.");
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
  },
);
