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
  },
);
