# shellcheck shell=bash
# Sourced by the scripts beside it: finds or installs what they need, and builds.
#
# Everything it says goes to standard error, so that a script's standard output stays its own.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools=$root/.tools
mkdir -p "$tools"
cd "$root" || exit 1
export CARGO_TARGET_DIR=$root/target

readonly NODE_VERSION=24.21.0
readonly NPM_VERSION=11.19.1
# The first Node that runs TypeScript as it stands, which the journeys need.
readonly NODE_AT_LEAST=22.18.0

say() { printf 'homeroom: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "cannot run '$*': neither root nor sudo; run it by hand, then start again"
  fi
}

# retry COMMAND...: up to three times, because networks fail.
retry() {
  local attempt
  for attempt in 1 2 3; do
    if "$@"; then
      return 0
    fi
    say "attempt $attempt failed: $*"
  done
  return 1
}

# What apt-get says is kept in .tools/apt.log, and shown where it fails.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" >"$tools/apt.log" 2>&1 ||
    { tail -n 20 "$tools/apt.log" >&2; return 1; }
}

apt_update_and_install() { apt_get update && apt_get install --no-install-recommends "$@"; }

apt_install() {
  say "installing $*"
  retry apt_update_and_install "$@" || die "apt-get cannot install $*"
}

# shellcheck source=scripts/lib/rust.sh
. "$root/scripts/lib/rust.sh"

need_c_compiler() {
  command -v cc >/dev/null || apt_install gcc libc6-dev
}

node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  local oldest
  oldest=$(printf '%s\n' "$NODE_AT_LEAST" "$(node --version | tr -d v)" | sort -V | head -n 1)
  [ "$oldest" = "$NODE_AT_LEAST" ]
}

# Uses the Node on PATH where it is new enough, else one of our own under .tools.
need_node() {
  node_is_new_enough && return
  local architecture
  case "$(uname -m)" in
    x86_64) architecture=x64 ;;
    aarch64) architecture=arm64 ;;
    *) die "install Node $NODE_AT_LEAST or newer: none is packaged for $(uname -m)" ;;
  esac
  local package=node-linux-$architecture
  local path_before=$PATH
  PATH=$tools/node/node_modules/$package/bin:$tools/node/node_modules/.bin:$PATH
  node_is_new_enough && return
  PATH=$path_before
  command -v npm >/dev/null || apt_install npm
  say "installing Node $NODE_VERSION into .tools/node"
  retry npm install --prefix "$tools/node" --no-save --no-package-lock --no-audit --no-fund \
    --loglevel=error "$package@$NODE_VERSION" "npm@$NPM_VERSION" >&2 ||
    die "npm cannot install $package"
  PATH=$tools/node/node_modules/$package/bin:$tools/node/node_modules/.bin:$PATH
  hash -r
  node_is_new_enough || die "the Node under .tools/node does not run; remove that folder and start again"
}

# fingerprint PATH...: one hash over the names and contents of all files there.
fingerprint() {
  find "$@" \( -name node_modules -o -name dist \) -prune -o -type f -print0 |
    sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

# packages FOLDER: installs its packages as the lock file names them, unless that was done. Not by
# `npm ci`, which insists on reading about the packages of every other platform.
packages() {
  local folder=$1 wanted
  wanted=$(fingerprint "$folder/package.json" "$folder/package-lock.json")
  local stamp=$folder/node_modules/.installed-from
  if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    return
  fi
  say "installing the packages of $folder"
  retry npm install --prefix "$folder" --no-save --no-audit --no-fund --loglevel=error >&2 ||
    die "npm cannot install the packages of $folder"
  printf '%s' "$wanted" >"$stamp"
}

# Builds web/dist, unless it was built from the sources as they are.
build_web() {
  packages web
  local wanted
  wanted=$(fingerprint web)
  local stamp=$tools/web-built-from
  if [ -e web/dist/index.html ] && [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    return
  fi
  say "building the web app"
  npm run --prefix web --silent build >&2 || return
  printf '%s' "$wanted" >"$stamp"
}

# Builds target/release/homeroom; a moment where nothing changed.
build_program() {
  [ -x target/release/homeroom ] || say "building homeroom (some minutes the first time)"
  cargo build --release --locked --package signaling --bin homeroom >&2
}

# unpack FOLDER PACKAGE...: Debian's own, unpacked under .tools and not installed.
unpack() {
  local folder=$tools/$1
  shift
  say "unpacking $* into $folder"
  mkdir -p "$folder"
  (
    cd "$folder" &&
      apt_get update &&
      retry apt-get -qq download "$@" >&2 &&
      for package in *.deb; do dpkg-deb --extract "$package" . || exit; done
  ) || die "apt-get cannot fetch $*"
}

# nginx, for the story behind a proxy: Debian's own program, unpacked and not installed, because
# its package starts a server on port 80.
need_nginx() {
  [ -x /usr/sbin/nginx ] && return
  export HOMEROOM_NGINX=$tools/nginx/usr/sbin/nginx
  [ -x "$HOMEROOM_NGINX" ] && return
  unpack nginx nginx
}

# Caddy, for the stories behind a proxy: Debian's own, unpacked, as its package starts a server. Apache's
# package of the program alone starts none.
need_other_proxies() {
  [ -x /usr/sbin/apache2 ] || apt_install apache2-bin
  [ -x /usr/bin/caddy ] && return
  export HOMEROOM_CADDY=$tools/caddy/usr/bin/caddy
  [ -x "$HOMEROOM_CADDY" ] && return
  unpack caddy caddy
}

# Redis, for what several nodes share: Debian's own, unpacked and not installed, because its package
# starts a server.
need_redis() {
  command -v redis-server >/dev/null && return
  [ -x "$tools/redis/usr/bin/redis-server" ] ||
    unpack redis redis-server redis-tools liblzf1 libjemalloc2 libatomic1
}

# Postfix, for the story of its reports: Debian's own. Without a configuration its package starts no
# server; the story starts one of its own, in a folder of its own.
need_postfix() {
  [ -x /usr/sbin/postfix ] && return
  echo 'postfix postfix/main_mailer_type select No configuration' |
    as_root debconf-set-selections || die "debconf cannot be told to leave Postfix alone"
  apt_install postfix
}

# Pebble, an ACME server to test against, for the story of the certificate: Debian's own, unpacked.
need_pebble() {
  export HOMEROOM_PEBBLE=$tools/pebble/usr/bin
  [ -x "$HOMEROOM_PEBBLE/pebble" ] && return
  unpack pebble pebble
}

# Kannel, the gateway of the stories with text messages: Debian's own, unpacked and not installed,
# because its package starts servers. The libraries it needs are installed.
need_kannel() {
  export HOMEROOM_KANNEL=$tools/kannel
  local bearerbox=$HOMEROOM_KANNEL/usr/sbin/bearerbox needs
  if [ ! -x "$bearerbox" ]; then
    say "unpacking Kannel into .tools/kannel"
    mkdir -p "$HOMEROOM_KANNEL"
    (
      cd "$HOMEROOM_KANNEL" &&
        apt_get update &&
        retry apt-get -qq download kannel kannel-extras >&2 &&
        dpkg-deb --field kannel_*.deb Depends | grep -o 'lib[^ ,]*' >needs &&
        dpkg-deb --extract kannel-extras_*.deb . &&
        dpkg-deb --extract kannel_*.deb .
    ) || die "apt-get cannot fetch kannel"
  fi
  ldd "$bearerbox" | grep -q 'not found' || return 0
  mapfile -t needs <"$HOMEROOM_KANNEL/needs"
  apt_install --no-upgrade "${needs[@]}"
}

# LibreOffice's spreadsheets, without its windows: some hundred megabytes, for `scripts/test --long` alone.
need_spreadsheets() {
  command -v soffice >/dev/null || apt_install --no-install-recommends libreoffice-calc-nogui
  HOMEROOM_SOFFICE=$(command -v soffice) || die "apt-get cannot install LibreOffice"
  export HOMEROOM_SOFFICE
}

# The browsers and tools that the journeys drive: Debian's own.
need_browsers() {
  local missing=()
  [ -x /usr/bin/chromium ] || missing+=(chromium)
  [ -x /usr/bin/chromium-headless-shell ] || missing+=(chromium-headless-shell)
  [ -x /usr/bin/firefox-esr ] || missing+=(firefox-esr)
  # For the certificates of some stories.
  command -v openssl >/dev/null || missing+=(openssl)
  # For its client, which judges the relay.
  command -v turnutils_uclient >/dev/null || missing+=(coturn)
  [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing+=(fonts-dejavu-core)
  [ -d /usr/share/fonts/truetype/liberation ] || missing+=(fonts-liberation)
  [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

# What the journeys use of Python, in an environment of their own: aiortc, the client that nobody
# here wrote, and Schemathesis, which makes requests out of the API's description.
need_python_tools() {
  local wanted stamp=tests/.venv/.installed-from
  local lists=(tests/aiortc/requirements.txt tests/schemathesis/requirements.txt)
  wanted=$(fingerprint "${lists[@]}")
  if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    return
  fi
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
  say "installing aiortc and Schemathesis into tests/.venv"
  python3 -m venv --clear tests/.venv
  retry tests/.venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: \
    --requirement "${lists[0]}" --requirement "${lists[1]}" >&2 ||
    die "pip cannot install aiortc and Schemathesis"
  printf '%s' "$wanted" >"$stamp"
}
