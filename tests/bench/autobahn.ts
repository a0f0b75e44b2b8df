/**
 * Autobahn's suite (`wstest`), played against `signaling/examples/echo.rs`: a WebSocket taken, read and closed as
 * the program does it, whose texts come back. The bar: no case failed. What we refuse by rules of our own, messages
 * above 64 KiB and all that is not text, is counted apart, and must be refused with the code that says so.
 */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs, promisify } from "node:util";
import { PROGRAM } from "./loadtest.ts";

const ECHO = join(dirname(PROGRAM), "examples", "echo");
const TOO_BIG = 1009;
const BAD_MESSAGE = 4000;

/** Cases of messages that are not text. */
const BINARY = /^(1\.2|9\.2|9\.4|9\.6|9\.8)\./;
/** Cases of messages of more than 64 KiB, whole, in frames, or in pieces of frames. */
const BIG = /^(9\.[12]\.[2-6]|9\.[3-6]\.\d)$/;
/** What the suite calls a case that went well, or that it does not judge. */
const WELL = new Set(["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED"]);

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    cases: { type: "string", default: "*" },
  },
});

type Judged = {
  readonly behavior: string;
  readonly behaviorClose: string;
  readonly remoteCloseCode: number | null;
};

/** Plays the suite; gives what it says of each case. */
async function play(url: string): Promise<Record<string, Judged>> {
  const python = process.env.HOMEROOM_PYTHON2;
  assert.ok(python, "scripts/bench says where Python 2.7 is");
  const folder = await mkdtemp(join(tmpdir(), "homeroom-autobahn-"));
  try {
    const spec = join(folder, "spec.json");
    const outdir = join(folder, "reports");
    const servers = [{ agent: "homeroom", url }];
    const which = {
      cases: values.cases.split(","),
      "exclude-cases": [],
      "exclude-agent-cases": {},
    };
    await writeFile(spec, JSON.stringify({ outdir, servers, ...which }));
    const suite = ["-m", "autobahntestsuite.wstest", "--mode", "fuzzingclient", "--spec", spec];
    await promisify(execFile)(python, suite, { cwd: folder, maxBuffer: 1 << 26 });
    const index = await readFile(join(outdir, "index.json"), "utf8");
    return (JSON.parse(index) as { homeroom: Record<string, Judged> }).homeroom;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a case came to. */
function verdict(name: string, { behavior, behaviorClose, remoteCloseCode }: Judged): string {
  if (BINARY.test(name) && remoteCloseCode === BAD_MESSAGE) {
    return "refused: not text";
  }
  if (BIG.test(name) && remoteCloseCode === TOO_BIG) {
    return "refused: too big";
  }
  return WELL.has(behavior) && WELL.has(behaviorClose) ? behavior.toLowerCase() : "failed";
}

const echo = spawn(ECHO, { stdio: ["ignore", "pipe", "inherit"] });
const counts: Record<string, number> = { cases: 0, failed: 0 };
try {
  const { value: url } = await createInterface({ input: echo.stdout })
    [Symbol.asyncIterator]()
    .next();
  assert.ok(url, "it says where it listens");
  for (const [name, judged] of Object.entries(await play(url))) {
    const word = verdict(name, judged);
    counts.cases = (counts.cases ?? 0) + 1;
    counts[word] = (counts[word] ?? 0) + 1;
    if (word === "failed") {
      console.error(`case ${name}: ${JSON.stringify(judged)}`);
    }
  }
} finally {
  echo.kill();
}
console.log(values.json ? JSON.stringify(counts) : counts);
assert.ok(counts.cases, "cases were played");
process.exitCode = counts.failed === 0 ? 0 : 1;
