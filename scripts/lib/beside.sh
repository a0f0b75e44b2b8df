# shellcheck shell=bash
# Sourced by scripts/test: the tests of all crates, several of their programs at a time. Some of these mostly
# wait, and cargo runs one after the other.

readonly AT_A_TIME=2

# Instead of a program of tests: prints the folder that cargo runs it in, and where it is.
readonly PRINTED='target."cfg(all())".runner = ["bash", "-c", '\''printf "%s\n%s\n" "$PWD" "$0"'\'']'

# What each says is kept until all have ended.
rust_tests() {
  local said ok=0
  said=$(mktemp -d)
  # shellcheck disable=SC2016 # a shell of its own reads it
  cargo test --locked --workspace --quiet --config "$PRINTED" |
    xargs -d '\n' -n 2 -P "$AT_A_TIME" \
      bash -c '{ echo "     Running $2"; cd "$1" && "$2"; } >"$0/${2##*/}" 2>&1' "$said" || ok=1
  cat "$said"/*
  rm -r "$said"
  return "$ok"
}
