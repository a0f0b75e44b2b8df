# shellcheck shell=bash
# Sourced by scripts/test: runs steps one after another, counts, and goes on after a failure.

passed=0
failed=0
failures=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# begin NAME: says which step begins.
begin() {
  step=$1
  step_began=$SECONDS
  printf '\n── %s\n' "$step"
}

# count PASSED FAILED: adds a step's own figures and says how long it took.
count() {
  passed=$((passed + $1))
  failed=$((failed + $2))
  if [ "$2" -gt 0 ]; then
    failures+=("$step: $2 failed")
  fi
  printf '── %s: %d passed, %d failed (%d s)\n' "$step" "$1" "$2" $((SECONDS - step_began))
}

# check NAME COMMAND...: a step that holds or does not, such as formatting.
check() {
  begin "$1"
  shift
  if "$@" 2>&1; then count 1 0; else count 0 1; fi
}

# tests NAME COUNTER COMMAND...: a step of many tests. COUNTER reads the command's output on its
# standard input and prints "PASSED FAILED".
tests() {
  begin "$1"
  local counter=$2 ok=0 figures
  shift 2
  "$@" 2>&1 | tee "$log" || ok=1
  figures=$("$counter" <"$log")
  # A run that broke off, or that found nothing to run, is a failure though no test says so.
  case "$ok $figures" in
    "1 "*" 0" | ?" 0 0") figures="${figures% *} 1" ;;
  esac
  # shellcheck disable=SC2086 # two words
  count $figures
}

# Sums the `test result:` lines of cargo test.
count_cargo() {
  awk '/^test result:/ { passed += $4; failed += $6 } END { print passed + 0, failed + 0 }'
}

# Reads the summary of Vitest: `Tests  1 failed | 24 passed (25)`.
count_vitest() {
  sed 's/\x1b\[[0-9;]*m//g' | awk '
    $1 == "Tests" { for (i = 2; i < NF; i++) { if ($(i + 1) == "passed") p = $i; if ($(i + 1) == "failed") f = $i } }
    END { print p + 0, f + 0 }'
}

# Reads the summary of Node's test runner: `# pass 24`, `ℹ fail 1`.
count_node() {
  awk '($1 == "#" || $1 == "ℹ") && NF == 3 {
      if ($2 == "pass") passed += $3
      if ($2 == "fail" || $2 == "cancelled") failed += $3
    } END { print passed + 0, failed + 0 }'
}

# finish: lists what failed, then the one line with the figures.
finish() {
  printf '\n'
  if [ ${#failures[@]} -gt 0 ]; then
    printf '%s\n' "${failures[@]}"
  fi
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
