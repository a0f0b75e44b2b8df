/**
 * The program asks a real ACME server for its certificate, by HTTP and by TLS, renews it in time, and
 * says so where none comes.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { access, readFile, stat } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { connect, type PeerCertificate } from "node:tls";
import { Pebble } from "../harness/pebble.ts";
import { freePort, PROGRAM } from "../harness/program.ts";
import { School } from "../harness/school.ts";
import { until } from "../harness/until.ts";

const NAME = "calls.school.example";
const DAY_S = 86_400;

/** What is shown at a port to whoever goes to that name and trusts `ca` alone; nothing if refused. */
function shown(port: number, ca: string): Promise<PeerCertificate | undefined> {
  return new Promise((resolve) => {
    const socket = connect({
      port,
      host: "127.0.0.1",
      servername: NAME,
      ca,
      minVersion: "TLSv1.2",
    });
    socket.on("secureConnect", () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.on("error", () => resolve(undefined));
  });
}

/** The status of a page over plain HTTP, and where it leads. */
function asked(
  port: number,
  path: string,
): Promise<readonly [number | undefined, string | undefined]> {
  return new Promise((resolve, reject) => {
    const request = get({ port, path, host: "127.0.0.1", agent: false }, (response) => {
      response.resume();
      resolve([response.statusCode, response.headers.location]);
    });
    request.on("error", reject);
  });
}

/** How all is, of whoever serves at that port: only this story trusts any certificate. */
function readyz(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", servername: NAME, rejectUnauthorized: false };
    const socket = connect(options, () =>
      socket.write("GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n"),
    );
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    socket.on("end", () => resolve(text)).on("error", reject);
  });
}

async function onlyOurs(file: string): Promise<string> {
  const { mode } = await stat(file);
  assert.equal(mode & 0o777, 0o600, `${file} is for nobody else`);
  return readFile(file, "utf8");
}

test("a certificate is had from an ACME server and renewed by itself", async () => {
  const [plain, tls] = await Promise.all([freePort(), freePort()]);
  const pebble = await Pebble.start({ http: plain, tls });
  const settings = {
    HOMEROOM__HTTP__LISTEN: `127.0.0.1:${tls}`,
    HOMEROOM__HTTP__PUBLIC_URL: `https://${NAME}:${tls}`,
    HOMEROOM__ACME__DIRECTORY: pebble.directory,
    HOMEROOM__ACME__CONTACT: "office@school.example",
    HOMEROOM__ACME__ROOT: pebble.root,
  };
  let school: School | undefined;
  try {
    const ca = await pebble.vouches();
    school = await School.found({
      ...settings,
      HOMEROOM__HTTP__PLAIN_LISTEN: `127.0.0.1:${plain}`,
    });
    const first = await until("the first certificate is in use", () => shown(tls, ca));
    assert.equal(first.subjectaltname, `DNS:${NAME}`);
    assert.doesNotMatch(await readyz(tls), /certificate: unwell/, "from then on all is well");
    assert.match(pebble.log, /validate w\/ HTTP/, "it was looked for by HTTP");
    const account = await onlyOurs(join(school.folder, "acme.json"));
    const certificate = await onlyOurs(join(school.folder, "certificate.pem"));
    assert.match(certificate, /PRIVATE KEY/);
    // Whoever types no https:// is led on; nobody finds an answer that nobody looks for.
    const leads = await asked(plain, "/j/1?a=b");
    assert.deepEqual(leads, [308, `https://${NAME}:${tls}/j/1?a=b`]);
    assert.equal((await asked(plain, "/.well-known/acme-challenge/x"))[0], 404);

    // A month before it ends the next one is asked for: now by TLS, as nothing leads on any more.
    school.kill();
    delete school.environment.HOMEROOM__HTTP__PLAIN_LISTEN;
    const before = pebble.log.length;
    await school.startAgain(61 * DAY_S, async () => (await shown(tls, ca)) !== undefined);
    const second = await until("the next certificate is in use", async () => {
      const now = await shown(tls, ca);
      return now !== undefined && now.serialNumber !== first.serialNumber && now;
    });
    assert.equal(second.subjectaltname, `DNS:${NAME}`);
    assert.doesNotMatch(pebble.log.slice(before), /validate w\/ HTTP/, "it was looked for by TLS");
    assert.equal(await onlyOurs(join(school.folder, "acme.json")), account, "by the same account");

    // And so it is after a new start: no other one is asked for, until another server is to issue it.
    school.kill();
    await school.startAgain(0, async () => (await shown(tls, ca)) !== undefined);
    assert.equal((await shown(tls, ca))?.serialNumber, second.serialNumber);
    const others = new URL(pebble.directory);
    others.hostname = "localhost";
    school.kill();
    Object.assign(school.environment, { HOMEROOM__ACME__DIRECTORY: others.href });
    await school.startAgain(0, async () => (await shown(tls, ca)) !== undefined);
    await until("the other server's is in use", async () => {
      const now = await shown(tls, ca);
      return now !== undefined && now.serialNumber !== second.serialNumber;
    });
    assert.notEqual(
      await onlyOurs(join(school.folder, "acme.json")),
      account,
      "by an account there",
    );
  } finally {
    await school?.close();
    await pebble.stop();
  }
});

test("where no certificate comes, that is said, with the reason, and the server serves", async () => {
  const [elsewhere, tls] = await Promise.all([freePort(), freePort()]);
  // It looks where nobody is.
  const pebble = await Pebble.start({ http: elsewhere, tls: elsewhere });
  let school: School | undefined;
  try {
    school = await School.found({
      HOMEROOM__HTTP__LISTEN: `127.0.0.1:${tls}`,
      HOMEROOM__HTTP__PUBLIC_URL: `https://${NAME}:${tls}`,
      HOMEROOM__ACME__DIRECTORY: pebble.directory,
      HOMEROOM__ACME__ROOT: pebble.root,
    });
    const said = await until("it is said", () => {
      return /no certificate was issued: .*/.exec(school?.log ?? "")?.[0];
    });
    assert.match(said, /Failed to connect/);
    assert.match(said, /by TLS at port 443/);
    // It serves all the same.
    const answer = await readyz(tls);
    assert.match(answer, /There is no certificate yet/);
    assert.match(answer, /certificate_renewal/);
    // A new start asks no sooner than it would have been asked for anyhow.
    const file = join(school.folder, "acme-failures.json");
    await until("it is kept", () =>
      access(file).then(
        () => true,
        () => false,
      ),
    );
    const kept = JSON.parse(await onlyOurs(file));
    assert.equal(kept.count, 1);
    // Who asks whether this machine is ready is told.
    const doctor = spawnSync(PROGRAM, ["doctor"], { env: school.environment, encoding: "utf8" });
    assert.match(doctor.stdout, /MEND {5}The certificate .* did not come: .*Failed to connect/);
    assert.equal(doctor.status, 1, doctor.stderr);
  } finally {
    await school?.close();
    await pebble.stop();
  }
});
