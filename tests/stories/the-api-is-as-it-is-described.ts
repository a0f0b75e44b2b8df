/**
 * Schemathesis makes requests out of the description of the API, right and wrong ones, and every
 * answer must be one that is described: its kind, its shape, and never a failure of the server.
 */

import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Api, attempt, linkOf } from "../harness/api.ts";
import { School } from "../harness/school.ts";

const SCHEMATHESIS = fileURLToPath(new URL("../.venv/bin/schemathesis", import.meta.url));
const HOOKS = fileURLToPath(new URL("../schemathesis/", import.meta.url));

const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
];
/**
 * How many requests are made up for each operation, beside one for each value that its description names, and the share
 * of wrong ones that `hooks.py` lets through.
 */
const EXAMPLES = process.env.HOMEROOM_LONG === "1" ? "25" : "2";

/** Signing out would leave nothing to ask; `changes` waits for what never comes. */
const LEFT_OUT = ["delete_session", "post_links_id_changes", "post_staff_changes"];

/** A small school; what there is in it, for the hooks. */
async function known(api: Api): Promise<object> {
  const teacher = (await api.make("/teachers", { name: "Ms Okafor", email: "" })).id;
  const made = { name: "8B/Ma", subject: "Mathematics", teachers: [teacher] };
  const taught = (await api.make("/classes", made)).id;
  const student = (await api.make("/students", { name: "Ana Santos", classes: [taught] })).id;
  const parent = { name: "Maria Santos", email: "maria@example.org", students: [student] };
  const contact = (await api.make("/contacts", parent)).id;
  const evening = (
    await api.make("/evenings", {
      name: "Evening",
      date: "2040-01-10",
      time_zone: "Europe/London",
      starts: "16:00",
      ends: "18:00",
      slot_minutes: 10,
      gap_minutes: 0,
    })
  ).id;
  await api.done("PUT", `/evenings/${evening}/booking`, { open: true });
  const link = async (whose: string) => {
    const shown = await api.done("POST", `/evenings/${evening}/${whose}/link`);
    return linkOf((JSON.parse(shown.body) as { url: string }).url);
  };
  const links = {
    parent: await link(`parents/${contact}`),
    teacher: await link(`teachers/${teacher}`),
  };
  const starts = "2040-01-10T16:00:00Z";
  const wanted = { attempt: attempt(), student, class: taught, starts };
  const booked = await api.by(links.parent, "/bookings", wanted);
  const { appointment } = JSON.parse(booked.body) as { appointment: { id: string } };
  const guest = { name: "Paulo", email: "paulo@example.org", consent: true, wording: "1" };
  const invited = await api.by(links.parent, "/invitations", { ...guest, attempt: attempt() });
  const { invitation } = JSON.parse(invited.body) as { invitation: { id: string } };
  const booking = appointment.id;
  return {
    links,
    path: { evening, teacher, class: taught, student, contact, booking, invitation: invitation.id },
    body: { student, class: taught, starts, students: [student], teachers: [teacher] },
  };
}

function run(arguments_: string[], environment: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...environment }, maxBuffer: 64 * 1024 * 1024 };
    execFile(SCHEMATHESIS, arguments_, options, (error, out, err) => {
      if (error === null) {
        resolve(out);
      } else {
        reject(new Error(`${out}\n${err}`));
      }
    });
  });
}

test("the API is as it is described", async (t) => {
  const school = await School.found({
    HOMEROOM__LIMITS__REQUESTS_PER_ADDRESS_PER_MIN: "1000000",
    HOMEROOM__LIMITS__REQUESTS_PER_LINK_PER_MIN: "1000000",
    HOMEROOM__LIMITS__GUESSES_PER_ADDRESS_PER_MIN: "1000000",
    // Each request comes from an address of its own, as `hooks.py` has it.
    HOMEROOM__HTTP__TRUSTED_PROXIES: "127.0.0.1",
  });
  const api = new Api(school.origin);
  try {
    await api.setUp(school.setup);
    const { cookie = "", "x-homeroom-csrf": csrf = "" } = api.session;
    const said = await run(
      [
        "run",
        `${school.origin}/api/v1/openapi.json`,
        ...["--checks", CHECKS.join(",")],
        ...LEFT_OUT.flatMap((one) => ["--exclude-operation-id", one]),
        ...["--header", `Cookie: ${cookie}`, "--header", `X-Homeroom-Csrf: ${csrf}`],
        ...["--phases", "coverage,fuzzing", "--max-examples", EXAMPLES],
        ...["--generation-deterministic", "--no-shrink"],
        ...["--request-timeout", "20", "--warnings", "off", "--no-color"],
      ],
      {
        SCHEMATHESIS_HOOKS: "hooks",
        PYTHONPATH: HOOKS,
        HOMEROOM_KNOWN: JSON.stringify(await known(api)),
      },
    );
    t.diagnostic(/^.*generated.*$/m.exec(said)?.[0].trim() ?? said);
  } finally {
    api.close();
    await school.close();
  }
});
