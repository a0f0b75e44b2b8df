/** `homeroom setup` asks three questions, tries the answers, and writes settings that serve. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Mailbox } from "../harness/mailbox.ts";
import { freePort, PROGRAM } from "../harness/program.ts";
import { assertRuns, until } from "../harness/until.ts";

/** Runs a command of the program with these lines typed; what it said, and how it ended. */
async function typed(arguments_: readonly string[], lines: readonly string[]) {
  const child = spawn(PROGRAM, arguments_, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  // It may end before it has read everything.
  child.stdin.on("error", () => undefined);
  child.stdin.end(lines.map((it) => `${it}\n`).join(""));
  const [code] = (await once(child, "close")) as [number | null];
  return { said, code };
}

test("three questions set it up, and each answer is tried", async () => {
  const folder = await mkdtemp(join(tmpdir(), "homeroom-setup-"));
  const file = join(folder, "homeroom.toml");
  const mail = await Mailbox.open();
  try {
    await copyFile(new URL("../../config/homeroom.toml", import.meta.url), file);
    const before = await readFile(file, "utf8");

    // Answers that break off change nothing.
    const cut = await typed(["setup", "--config", file], ["calls.school.example", "yes"]);
    assert.equal(cut.code, 2);
    assert.match(cut.said, /nothing was changed/);
    assert.equal(await readFile(file, "utf8"), before);

    const nobody = await freePort();
    const { said, code } = await typed(
      ["setup", "--config", file],
      [
        // No name; one that leads nowhere, refused and then taken.
        ...["no name", "calls.school.example", "no", "https://calls.school.example/", "yes"],
        // A proxy has the certificate.
        ...["4", "2"],
        // A mail server where nobody is, and then the right one.
        ...["127.0.0.1", "0", String(nobody), "", "", "yes"],
        ...["127.0.0.1", String(mail.port), "none", ""],
        // A school whose name needs quotation marks; no address, and then one.
        ...["Fairview School, Leeds", "office", "", "office@fairview.example"],
      ],
    );
    assert.equal(code, 0, said);
    assert.match(said, /That is no name of a server/);
    assert.match(said, /leads nowhere/);
    assert.match(said, /Type 1, 2 or 3/);
    assert.match(said, /That is no port/);
    assert.match(said, /MEND/);
    assert.match(said, new RegExp(`mail server .*${mail.port}.* answers`));
    assert.equal(await readFile(`${file}.before`, "utf8"), before);

    // Only the keys that were asked about are set, each where it stood.
    const after = await readFile(file, "utf8");
    const set = after.split("\n").filter((line) => /^\w/.test(line));
    assert.deepEqual(set, [
      'public_url = "https://calls.school.example"',
      'trusted_proxies = ["127.0.0.1", "::1"]',
      'listen = "0.0.0.0:8081"',
      'smtp_host = "127.0.0.1"',
      `smtp_port = "${mail.port}"`,
      'smtp_security = "none"',
      `from = '"Fairview School, Leeds" <office@fairview.example>'`,
    ]);
    const comments = (text: string) => text.split("\n").filter((line) => line.startsWith("# "));
    assert.deepEqual(comments(after), comments(before));

    // The same again by empty lines leaves it as it is.
    const again = await typed(["setup", "--config", file], ["", "yes", "", "", "", "", "", "", ""]);
    assert.equal(again.code, 0, again.said);
    assert.equal(await readFile(file, "utf8"), after);

    // And by it the program serves.
    const port = await freePort();
    const program = spawn(PROGRAM, ["serve", "--config", file, "--listen", `127.0.0.1:${port}`], {
      env: {
        ...process.env,
        HOMEROOM__MEDIA__LISTEN: "127.0.0.1:0",
        HOMEROOM__DATA__FOLDER: join(folder, "data"),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let log = "";
    for (const stream of [program.stdout, program.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        log += text;
      });
    }
    try {
      const link = await until("it serves", () => {
        assertRuns(program, log);
        return /https:\/\/\S+\/setup#/.exec(log)?.[0];
      });
      assert.equal(link, "https://calls.school.example/setup#");
    } finally {
      program.kill("SIGINT");
      await until("it ends", () => program.exitCode !== null);
    }

    // Where there is no such file, that is said.
    const none = await typed(["setup", "--config", join(folder, "none.toml")], []);
    assert.equal(none.code, 2);
    assert.match(none.said, /there is no settings file/);
    // And a file that cannot be used is not asked about.
    await writeFile(file, "[http]\nlisten = 5\n");
    assert.match((await typed(["setup", "--config", file], [])).said, /http\.listen/);
    // Nor one that is written otherwise than key by key.
    await writeFile(file, 'http = { public_url = "https://calls.school.example" }\n');
    const other = await typed(["setup", "--config", file], ["calls.school.example"]);
    assert.equal(other.code, 2);
    assert.match(other.said, /change them by hand/);
  } finally {
    await mail.close();
    await rm(folder, { recursive: true });
  }
});
