// scripts/run and scripts/test on machines with no Rust, one too old, with and without Debian's
// rustup. Nothing is downloaded: every command that would is played by a stub.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const ROOT = join(import.meta.dirname, "..", "..");
const wanted = /^rust-version = "(.*)"$/m.exec(readFileSync(join(ROOT, "Cargo.toml"), "utf8"))?.[1];
assert.ok(wanted);

const PLAIN_TOOLS = "bash cat chmod cut dirname env head mkdir rm sed sort tail touch".split(" ");

/** A machine that has plain tools and these stubs, each the text of a shell script. */
function machine(t: TestContext, stubs: Record<string, string>) {
  const home = mkdtempSync(join(tmpdir(), "homeroom-rust-"));
  t.after(() => rmSync(home, { recursive: true }));
  const bin = join(home, "bin");
  mkdirSync(bin);
  for (const tool of PLAIN_TOOLS) {
    const found = spawnSync("bash", ["-c", `command -v ${tool}`], { encoding: "utf8" });
    symlinkSync(found.stdout.trim(), join(bin, tool));
  }
  const stub = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!${join(bin, "bash")}\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  stub("id", "echo 0");
  stub("uname", "echo x86_64");
  for (const [name, text] of Object.entries(stubs)) {
    stub(name, `echo "${name} $*" >>"$HOME/asked"\n${text}`);
  }
  writeFileSync(join(home, "asked"), "");
  const done = spawnSync(
    join(bin, "bash"),
    ["-c", ". scripts/lib/setup.sh && need_rust && cargo --version"],
    { cwd: ROOT, env: { PATH: bin, HOME: home }, encoding: "utf8" },
  );
  return { ...done, asked: readFileSync(join(home, "asked"), "utf8") };
}

const version = (name: string, number: string) => `echo "${name} ${number} (0123456 2026-01-01)"`;

/** What makes rustup, in a folder, whose toolchain is as new as is asked for. */
const makesRustup = (folder: string) => `
mkdir -p ${folder}
cat >${folder}/rustup <<'STUB'
#!/usr/bin/env bash
echo "rustup $*" >>"$HOME/asked"
case $1 in
  toolchain)
    for name in cargo rustc; do
      printf '#!%s\\necho "%s %s.0 (0123456 2026-01-01)"\\n' "$(command -v bash)" "$name" "$3" >${folder}/$name
      chmod +x ${folder}/$name
    done ;;
  which) echo ${folder}/cargo ;;
esac
STUB
sed -i "1s|.*|#!$(command -v bash)|" ${folder}/rustup
chmod +x ${folder}/rustup`;

const NEWEST = {
  cargo: version("cargo", `${wanted}.1`),
  rustc: version("rustc", `${wanted}.1`),
};
const OLD = { cargo: version("cargo", "1.63.0"), rustc: version("rustc", "1.63.0") };
const DEBIAN_12 = { "apt-cache": "exit 100", "apt-get": "exit 0" };
const DEBIAN_13 = {
  "apt-cache": "exit 0",
  "apt-get": `case "$*" in *"install"*rustup*) ${makesRustup('"$HOME/bin"')} ;; esac`,
};

test("a Rust that is new enough is used as it is", (t) => {
  const { status, asked } = machine(t, { ...NEWEST, ...DEBIAN_13, rustup: "exit 1" });
  assert.equal(status, 0);
  assert.doesNotMatch(asked, /rustup|apt/);
});

test("where there is none it comes by Debian's rustup", (t) => {
  const { status, stdout, stderr, asked } = machine(t, DEBIAN_13);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /there is no Rust here/);
  assert.match(asked, /apt-get .* install .*rustup/);
  assert.match(stdout, new RegExp(`cargo ${wanted}`));
});

test("where it is too old and Debian has no rustup, rustup's own installer gets it", (t) => {
  const installer = makesRustup('"$HOME/.cargo/bin"');
  const { status, stdout, stderr, asked } = machine(t, {
    ...OLD,
    ...DEBIAN_12,
    curl: `while [ "$1" != --output ]; do shift; done
cat >"$2" <<'INSTALLER'
#!/usr/bin/env bash
${installer.replaceAll("<<'STUB'", "<<'INNER'").replaceAll("\nSTUB\n", "\nINNER\n")}
INSTALLER
sed -i "1s|.*|#!$(command -v bash)|" "$2"`,
    sha256sum: `echo "$(sed -n 's/^readonly RUSTUP_SHA256_X86_64=//p' scripts/lib/rust.sh)  $1"`,
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /the Rust here is older than/);
  assert.match(
    asked,
    /curl .*--proto =https .*https:\/\/static\.rust-lang\.org\/rustup\/archive\//,
  );
  assert.match(asked, new RegExp(`rustup toolchain install ${wanted} `));
  assert.match(stdout, new RegExp(`cargo ${wanted}`));
});

test("an installer that is not the one that is known is not run", (t) => {
  const { status, stderr, asked } = machine(t, {
    ...DEBIAN_12,
    curl: `while [ "$1" != --output ]; do shift; done
printf '#!%s\\necho ran >>"$HOME/asked"\\n' "$(command -v bash)" >"$2"`,
    sha256sum: `echo "0000  $1"`,
  });
  assert.equal(status, 1);
  assert.match(stderr, /is not the rustup .* that is known: nothing was installed/);
  assert.doesNotMatch(asked, /ran/);
});

test("where nothing can be downloaded it says what to do", (t) => {
  const { status, stderr } = machine(t, { ...OLD, ...DEBIAN_12, curl: "exit 6" });
  assert.equal(status, 1);
  assert.match(stderr, /cannot download .*; install Rust .* by hand/);
});
