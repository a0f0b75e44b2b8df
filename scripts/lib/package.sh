# shellcheck shell=bash
# Sourced by scripts/package: the Debian package, and a try of it.

# Who built it, for whoever installs it.
readonly maintainer="Homeroom <${DEBEMAIL:-homeroom@localhost}>"

# The version of the tree, and its moment: a later commit is a later version.
package_version() {
  local version
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
  printf '%s+%s' "$version" "$(TZ=UTC git log -1 --format=%cd --date=format-local:%Y%m%d%H%M%S)"
}

# build_package [VERSION]: prints the path of the package.
build_package() {
  command -v dpkg-shlibdeps >/dev/null || apt_install dpkg-dev
  command -v fakeroot >/dev/null || apt_install fakeroot
  need_rust
  need_c_compiler
  need_node
  local version=${1:-$(package_version)} architecture
  build_web || return
  HOMEROOM_VERSION=$version build_program || return
  [ -e web/dist/index.html ] || die "the web app was not built"
  [ "$(target/release/homeroom --version)" = "homeroom $version" ] || die "the program says another version"
  architecture=$(dpkg --print-architecture)
  local place=$root/target/package
  local tree=$place/tree
  local package=$place/homeroom_${version}_$architecture.deb
  # One package lies there: whoever installs homeroom_*.deb gets this one.
  rm -rf "$tree" "$place"/homeroom_*.deb
  mkdir -p "$place"

  install -D -m 0755 target/release/homeroom "$tree/usr/bin/homeroom"
  strip --strip-unneeded "$tree/usr/bin/homeroom"
  install -D -m 0644 config/homeroom.service "$tree/usr/lib/systemd/system/homeroom.service"
  install -D -m 0644 config/debian/60-homeroom.conf "$tree/usr/lib/sysctl.d/60-homeroom.conf"
  # Those that an installation begins with: from then on the file in /etc is the school's own.
  local settings=$tree/usr/share/homeroom/homeroom.toml
  install -D -m 0644 config/homeroom.toml "$settings"
  sed -i 's|^#folder = "data"$|folder = "/var/lib/homeroom"|' "$settings"
  grep -q '^folder = ' "$settings" || die "config/homeroom.toml has no data folder"
  local about=$tree/usr/share/doc/homeroom
  install -d -m 0755 "$about"
  install -m 0644 docs/*.md config/prometheus/homeroom.rules.yml config/grafana/homeroom.json "$about/"
  install -m 0644 config/debian/copyright "$about/copyright"
  gzip --best --no-name --stdout CHANGELOG.md >"$about/CHANGELOG.md.gz"
  changes "$version" | gzip --best --no-name >"$about/changelog.gz"
  manual "$version" | gzip --best --no-name >"$place/homeroom.1.gz"
  install -D -m 0644 "$place/homeroom.1.gz" "$tree/usr/share/man/man1/homeroom.1.gz"

  local script
  for script in postinst prerm postrm; do
    install -D -m 0755 "config/debian/$script" "$tree/DEBIAN/$script"
  done
  # /bin, /lib and /sbin are links into /usr on every Debian that it is for, and dpkg knows nothing of them.
  [ "$(cd "$tree" && echo *)" = "DEBIAN usr" ] || die "the package holds files outside of /usr"
  (cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
  control "$version" "$architecture" "$tree" >"$tree/DEBIAN/control"
  chmod -R go-w "$tree"
  # Under its name once it is whole.
  fakeroot dpkg-deb -Zxz --build "$tree" "$place/unfinished" >&2 || return
  mv "$place/unfinished" "$package"
  say "built $package"
  printf '%s' "$package"
}

# The libraries that the program is linked with, as Debian names them.
libraries() {
  local scratch=$root/target/package/shlibs
  mkdir -p "$scratch/debian"
  printf 'Source: homeroom\nPackage: homeroom\n' >"$scratch/debian/control"
  (cd "$scratch" && dpkg-shlibdeps -O "$1/usr/bin/homeroom" 2>/dev/null) | sed 's/^shlibs:Depends=//'
}

control() {
  cat <<CONTROL
Package: homeroom
Version: $1
Architecture: $2
Maintainer: $maintainer
Installed-Size: $(du -k -s --exclude=DEBIAN "$3" | cut -f 1)
Depends: adduser, ca-certificates, $(libraries "$3")
Recommends: systemd
Suggests: postgresql
Section: web
Priority: optional
Description: video appointments for schools
 Homeroom is a self-hosted server for school video appointments: parents,
 invited guests and teachers open a personal link in a browser and talk, at
 most four at a time, with no account and no plug-in. It serves the web
 pages, the signaling and the media, so that sound and picture never leave
 the machine of the school.
CONTROL
}

# What Debian's tools read; people read CHANGELOG.md.
changes() {
  printf 'homeroom (%s) unstable; urgency=medium\n\n  * CHANGELOG.md.gz says what is new.\n\n -- %s  %s\n' \
    "$1" "$maintainer" "$(git log -1 --format=%cD)"
}

manual() {
  cat <<MANUAL
.TH HOMEROOM 1 "" "homeroom $1" "User Commands"
.SH NAME
homeroom \- video appointments for schools
.SH SYNOPSIS
.B homeroom
.I COMMAND
[\fIOPTIONS\fR]
.SH DESCRIPTION
Serves video appointments of a school: pages, signaling and media.
.B homeroom help
lists the commands, and
.B homeroom help
.I COMMAND
tells what one does.
.SH FILES
.TP
.I /etc/homeroom/homeroom.toml
The settings, each with its default.
.TP
.I /var/lib/homeroom
The records, and the keys that links are made with.
.SH SEE ALSO
/usr/share/doc/homeroom/running.md
MANUAL
}

# Installs the package of the commit before on a Debian of its own, in a folder under target, has an
# evening run there, upgrades it and purges it.
try_package() {
  [ "$(id -u)" -eq 0 ] || die "only root can make a Debian of its own: sudo scripts/package --try"
  command -v debootstrap >/dev/null || apt_install debootstrap
  command -v lintian >/dev/null || apt_install lintian
  command -v systemd-analyze >/dev/null || apt_install systemd
  say "the unit"
  systemd-analyze security --offline=true --threshold=20 --no-pager config/homeroom.service >&2 ||
    die "the unit lets the program do more than it needs"
  local before after house=$root/target/package/debian
  before=$(package_of "${HOMEROOM_BEFORE:-HEAD~1}") || die "the package of before cannot be built"
  after=$(build_package)
  dpkg --compare-versions "$(dpkg-deb --field "$before" Version)" lt "$(dpkg-deb --field "$after" Version)" ||
    die "the package of before is not older: name an earlier commit by HOMEROOM_BEFORE"
  say "lintian"
  # Whoever builds it for others gives an address of their own by DEBEMAIL.
  lintian --fail-on error --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog --allow-root "$after" >&2 ||
    die "lintian finds errors"
  fresh_debian "$house"
  # What it installs from is this machine's, and goes with it.
  trap 'leave_debian "$root/target/package/debian"' EXIT
  local inside=(chroot "$house")
  # What a try that failed left there.
  "${inside[@]}" dpkg --purge homeroom >/dev/null 2>&1 || true
  install_package "$house" "$before"
  [ "$("${inside[@]}" stat -c %U:%a /var/lib/homeroom)" = homeroom:700 ] ||
    die "the data folder is not the program's alone"
  [ "$("${inside[@]}" stat -c %G:%a /etc/homeroom/homeroom.toml)" = homeroom:640 ] ||
    die "others may read the settings"
  # An evening that runs now, with the links of everybody in it.
  local links=$root/target/package/links.json
  runs "$house" demo --json --data /var/lib/homeroom -- printed "$links"
  runs "$house" serve -- opened "$links"
  "${inside[@]}" runuser -u homeroom -- homeroom staff add office@school.example Office >/dev/null
  say "upgrading"
  install_package "$house" "$after"
  # Each file as it was packed: an upgrade may move some.
  local changed
  changed=$("${inside[@]}" dpkg --verify homeroom)
  [ -z "$changed" ] || die "what was installed is not what was packed: $changed"
  runs "$house" serve -- opened "$links"
  "${inside[@]}" runuser -u homeroom -- homeroom staff list | grep -q office@school.example ||
    die "the account did not outlive the upgrade"
  # A file of the school's own beside the settings, which the program may read.
  "${inside[@]}" install -m 0640 -g homeroom /dev/null /etc/homeroom/cluster.key
  "${inside[@]}" cp /etc/homeroom/homeroom.toml /etc/homeroom/homeroom.toml.before
  say "purging"
  local said left
  said=$("${inside[@]}" dpkg --purge homeroom 2>&1) || die "it cannot be purged: $said"
  ! grep -q warning <<<"$said" || die "purging warns: $said"
  left=$(find "$house/etc" "$house/var" "$house/usr" -iname '*homeroom*' \
    ! -path "$house/var/log/*" ! -path "$house/var/cache/*")
  [ "$left" = "$house/etc/homeroom" ] || die "purging left $left"
  ! "${inside[@]}" getent passwd homeroom >/dev/null || die "purging left the user"
  [ "$(cd "$house/etc/homeroom" && stat -c %n:%U:%G:%a -- * .[!.]* 2>/dev/null)" = cluster.key:root:root:640 ] ||
    die "purging took what is the school's own, or left it to whoever has the user's number next"
  rm -r "$house/etc/homeroom"
  say "installed, upgraded and purged: the evening went on, and nothing of the program is left"
}

# package_of COMMIT: prints the path of its package, built in a tree of its own by its own scripts.
package_of() {
  local tree=$root/target/package/before
  git worktree remove --force "$tree" 2>/dev/null || rm -rf "$tree"
  git worktree prune
  git worktree add --quiet --detach "$tree" "$1" >&2 || return
  # Compiled apart: cargo would take what the one tree made for the other's.
  mkdir -p "$root/target/package/before-target"
  ln -s "$root/target/package/before-target" "$tree/target"
  rm -f "$root"/target/package/before-target/package/homeroom_*.deb
  (cd "$tree" && scripts/package) >&2 || return
  git worktree remove --force "$tree"
  local built=("$root"/target/package/before-target/package/homeroom_*.deb)
  mv "${built[0]}" "$root/target/package/before.deb"
  printf '%s' "$root/target/package/before.deb"
}

fresh_debian() {
  [ -e "$1/bin/sh" ] && return
  local mirror
  # Where this machine gets its packages from.
  mirror=$(sed -n -E 's#^(URIs:|deb) *(\[[^]]*\] *)?(https?://[^ ]*).*#\3#;T;p;q' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null) || true
  say "making a Debian in $1"
  retry debootstrap --variant=minbase "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$1" \
    ${mirror:+"$mirror"} >&2 || die "debootstrap cannot make a Debian"
}

leave_debian() { umount --lazy "$1/proc" 2>/dev/null || true; }

# install_package DEBIAN FILE
install_package() {
  mountpoint -q "$1/proc" || mount -t proc proc "$1/proc"
  cp /etc/resolv.conf "$1/etc/resolv.conf"
  cp "$2" "$1/tmp/homeroom.deb"
  chroot "$1" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o Dpkg::Use-Pty=0 install /tmp/homeroom.deb >&2 || die "the package does not install"
  rm "$1/tmp/homeroom.deb"
}

# runs DEBIAN COMMAND... -- CHECK...: the program runs as its own user, by its own settings, until CHECK
# holds, and ends when it is told to.
runs() {
  local house=$1 command=() running
  shift
  while [ "$1" != -- ]; do
    command+=("$1")
    shift
  done
  shift
  chroot "$house" runuser -u homeroom -- env HOMEROOM__HTTP__LISTEN=127.0.0.1:18080 \
    HOMEROOM__MEDIA__LISTEN=127.0.0.1:0 homeroom "${command[@]}" \
    >"$root/target/package/said.log" 2>"$root/target/package/running.log" &
  running=$!
  local held=no
  : >"$root/target/package/check.log"
  for _ in $(seq 100); do
    if "$@" 2>>"$root/target/package/check.log"; then
      held=yes
      break
    fi
    sleep 0.1
  done
  kill -TERM "$(pgrep -P "$running" | head -n 1 || echo "$running")"
  wait "$running" || true
  [ "$held" = yes ] && return
  cat "$root/target/package/running.log" >&2
  tail -n 3 "$root/target/package/check.log" >&2
  die "the installed program does not serve, or not everybody"
}

# printed FILE: the program that runs has printed its links, which are kept in the file.
printed() {
  python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$root/target/package/said.log" &&
    cp "$root/target/package/said.log" "$1"
}

# opened FILE: the program that runs is well, and opens each of these links.
opened() {
  python3 - "$1" <<'OPEN'
import json, sys, urllib.parse, urllib.request

def ask(url, body=None):
    asked = urllib.request.Request(url, body, {"content-type": "application/json"})
    return urllib.request.urlopen(asked, timeout=5).read().decode()

assert ask("http://127.0.0.1:18080/healthz").strip() == "ok"
for page in ["/", "/office"]:
    assert "<script" in ask("http://127.0.0.1:18080" + page), "no page at " + page
urls = [urllib.parse.urlsplit(link["url"]) for link in json.load(open(sys.argv[1]))]
# Accounts of the office and of members begin elsewhere.
urls = [url for url in urls if url.path.startswith("/j/")]
assert len(urls) >= 5
for url in urls:
    place = "http://127.0.0.1:18080/api/v1/links/" + url.path.rsplit("/", 1)[1]
    ask(place, json.dumps({"secret": url.fragment}).encode())
OPEN
}
