/** A school of its own: the real program on an empty data folder, with a real mail server. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mailbox } from "./mailbox.ts";
import { freePort, PROGRAM } from "./program.ts";
import { assertRuns, until } from "./until.ts";

const HERE = "127.0.0.1";

export class School {
  readonly mail: Mailbox;
  readonly origin: string;
  /** The one-time link that the program printed. */
  readonly setup: string;
  /** What the program keeps. */
  readonly folder: string;
  /** Its settings. */
  readonly environment: NodeJS.ProcessEnv;
  readonly #said: { text: string };
  #process: ChildProcess;

  private constructor(
    process: ChildProcess,
    said: { text: string },
    environment: NodeJS.ProcessEnv,
    folder: string,
    mail: Mailbox,
    origin: string,
    setup: string,
  ) {
    this.#process = process;
    this.#said = said;
    this.environment = environment;
    this.folder = folder;
    this.mail = mail;
    this.origin = origin;
    this.setup = setup;
  }

  /** Starts `homeroom serve` where nothing has ever been; people type that host. */
  static async found(
    settings: Readonly<Record<string, string>> = {},
    host = HERE,
  ): Promise<School> {
    const [port, mail, folder] = await Promise.all([
      freePort(),
      Mailbox.open(),
      mkdtemp(join(tmpdir(), "homeroom-")),
    ]);
    const origin = `http://${host}:${port}`;
    const environment = {
      ...process.env,
      HOMEROOM__HTTP__LISTEN: `127.0.0.1:${port}`,
      HOMEROOM__MEDIA__LISTEN: "127.0.0.1:0",
      HOMEROOM__DATA__FOLDER: folder,
      HOMEROOM__MAIL__SMTP_HOST: "127.0.0.1",
      HOMEROOM__MAIL__SMTP_PORT: String(mail.port),
      HOMEROOM__MAIL__SMTP_SECURITY: "none",
      HOMEROOM__MAIL__FROM: "Fairview School <office@fairview.example>",
      HOMEROOM__MAIL__SETTLE_S: "0",
      // Nobody is asked outside: nothing listens there.
      HOMEROOM__IMPORT__WONDE_URL: "http://127.0.0.1:9/",
      ...(host === HERE ? {} : { HOMEROOM__HTTP__PUBLIC_URL: origin }),
      ...settings,
    };
    const said = { text: "" };
    const child = await serve(folder, environment, said);
    const setup = await until("the program prints its set-up link", () => {
      assertRuns(child, said.text);
      return /https?:\/\/\S+\/setup#[\w-]+/.exec(said.text)?.[0];
    }).catch(async (error: unknown) => {
      child.kill("SIGKILL");
      await mail.close();
      throw error;
    });
    return new School(child, said, environment, folder, mail, origin, setup);
  }

  /** Kills the program at this instant, whatever it is at. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /**
   * Starts the program again with all that it kept, once the one that was killed is gone; its clock is
   * so many seconds ahead. `answers` says how it shows that it serves.
   */
  async startAgain(
    aheadS = 0,
    answers = async () => (await fetch(`${this.origin}/healthz`)).ok,
  ): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      await once(this.#process, "exit");
    }
    const ahead = aheadS === 0 ? [] : ["--clock-ahead", String(aheadS)];
    this.#process = await serve(this.folder, this.environment, this.#said, ahead);
    await until("the program serves again", async () => {
      assertRuns(this.#process, this.log);
      return answers();
    });
  }

  /** What the program has written so far. */
  get log(): string {
    return this.#said.text;
  }

  /** Ends the program as Ctrl-C does, and removes what it kept. */
  async close(): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.kill("SIGINT");
      await until("the program ends", () => this.#process.exitCode !== null).finally(() =>
        this.#process.kill("SIGKILL"),
      );
    }
    await this.mail.close();
    await rm(this.folder, { recursive: true, force: true });
    assert.equal(this.#process.exitCode, 0, `how it ended: ${this.log}`);
    assert.doesNotMatch(this.log, /panicked/);
  }
}

async function serve(
  folder: string,
  environment: NodeJS.ProcessEnv,
  said: { text: string },
  options: readonly string[] = [],
): Promise<ChildProcess> {
  const child = spawn(PROGRAM, ["serve", ...options], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said.text += text;
    });
  }
  await once(child, "spawn");
  return child;
}
