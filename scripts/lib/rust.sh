# shellcheck shell=bash
# Sourced by setup.sh: finds Rust, or gets it by rustup.

# The first Rust that builds Homeroom: `rust-version` in Cargo.toml.
RUST_AT_LEAST=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$root/Cargo.toml")
readonly RUST_AT_LEAST

# rustup's own installer, and what it must be (static.rust-lang.org, where its releases are kept).
readonly RUSTUP_VERSION=1.28.2
readonly RUSTUP_SHA256_X86_64=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c
readonly RUSTUP_SHA256_AARCH64=e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c

# is_rust_new_enough COMMAND: whether that cargo or rustc is there, runs, and is new enough.
is_rust_new_enough() {
  command -v "$1" >/dev/null || return 1
  local version
  version=$("$1" --version 2>/dev/null | cut -d ' ' -f 2)
  [ -n "$version" ] || return 1
  [ "$(printf '%s\n' "$RUST_AT_LEAST" "${version%%-*}" | sort -V | head -n 1)" = "$RUST_AT_LEAST" ]
}

rust_is_new_enough() { is_rust_new_enough cargo && is_rust_new_enough rustc; }

# Uses the Rust on PATH, or that of rustup, where it is new enough; else gets one.
need_rust() {
  rust_is_new_enough && return
  local path_before=$PATH
  PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
  hash -r
  rust_is_new_enough && return
  if command -v cargo >/dev/null; then
    say "the Rust here is older than $RUST_AT_LEAST"
  else
    say "there is no Rust here"
  fi
  command -v rustup >/dev/null || install_rustup
  update_rust
  hash -r
  if ! rust_is_new_enough; then
    # Whatever comes first on PATH may be another than rustup's: its own is asked for by name.
    PATH=$(dirname "$(rustup which cargo)"):$path_before
    hash -r
  fi
  rust_is_new_enough || die "rustup has installed Rust, but cargo is still older than $RUST_AT_LEAST: see which one 'command -v cargo' names"
}

# rustfmt and clippy, which the tests ask.
need_rust_tools() {
  { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 && return
  say "the Rust here has no rustfmt or no clippy"
  command -v rustup >/dev/null || install_rustup
  update_rust
  hash -r
  cargo fmt --version >/dev/null 2>&1 || PATH=$(dirname "$(rustup which cargo)"):$PATH
}

# Debian's rustup where there is one (13 and later), else rustup's own installer.
install_rustup() {
  if debian_has_rustup; then
    apt_install rustup
  else
    install_rustup_by_its_installer
  fi
}

debian_has_rustup() {
  command -v apt-cache >/dev/null || return 1
  # The lists may be missing: a fresh container has none.
  apt-cache show rustup >/dev/null 2>&1 || { apt_get update && apt-cache show rustup >/dev/null 2>&1; }
}

install_rustup_by_its_installer() {
  local architecture wanted
  case "$(uname -m)" in
    x86_64) architecture=x86_64 wanted=$RUSTUP_SHA256_X86_64 ;;
    aarch64) architecture=aarch64 wanted=$RUSTUP_SHA256_AARCH64 ;;
    *) die "install Rust $RUST_AT_LEAST or newer by hand (https://rustup.rs): no rustup is named here for $(uname -m)" ;;
  esac
  command -v curl >/dev/null || apt_install curl ca-certificates
  local url=https://static.rust-lang.org/rustup/archive/$RUSTUP_VERSION/$architecture-unknown-linux-gnu/rustup-init
  local installer=$tools/rustup-init
  say "installing rustup $RUSTUP_VERSION"
  retry curl --proto '=https' --tlsv1.2 --silent --show-error --fail --location --output "$installer" "$url" >&2 ||
    die "cannot download $url; install Rust $RUST_AT_LEAST or newer by hand (https://rustup.rs), then start again"
  if [ "$(sha256sum "$installer" | cut -d ' ' -f 1)" != "$wanted" ]; then
    rm -f "$installer"
    die "what came from $url is not the rustup $RUSTUP_VERSION that is known: nothing was installed"
  fi
  chmod +x "$installer"
  "$installer" -y --quiet --no-modify-path --default-toolchain none >&2 || die "rustup cannot be installed"
  rm -f "$installer"
}

update_rust() {
  say "installing Rust $RUST_AT_LEAST by rustup"
  retry rustup toolchain install "$RUST_AT_LEAST" --profile minimal --component clippy --component rustfmt --no-self-update >&2 ||
    die "rustup cannot install Rust; see what it says above"
  # For this run alone: what others on this machine use stays as it is.
  export RUSTUP_TOOLCHAIN=$RUST_AT_LEAST
}
