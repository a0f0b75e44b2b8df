# shellcheck shell=bash
# Sourced by scripts/bench, after setup.sh: Autobahn's suite, which judges WebSockets.

# It needs Python 2.7, which Debian had in bullseye last: unpacked from there, beside the system's own.
readonly PYTHON2_PACKAGES=(python2.7 python2.7-minimal libpython2.7 libpython2.7-minimal
  libpython2.7-stdlib libpython2.7-dev libssl1.1 libffi7)
# The last pip that runs there.
readonly PIP2=pip==20.3.4
readonly QUIETLY=(--quiet --disable-pip-version-check --no-python-version-warning)

# Debian's packages of another release, by lists of their own.
unpack_python2() {
  local folder=$tools/python2
  rm -rf "$folder"
  mkdir -p "$folder/lists/partial" "$folder/cache"
  say "unpacking Python 2.7 into $folder"
  echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bullseye main' \
    >"$folder/bullseye.list"
  local own=(-o "Dir::Etc::SourceList=$folder/bullseye.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$folder/lists"
    -o "Dir::Cache=$folder/cache" -o APT::Sandbox::User=root)
  (
    cd "$folder" &&
      apt_get "${own[@]}" update &&
      apt_get "${own[@]}" download "${PYTHON2_PACKAGES[@]}" &&
      for package in *.deb; do dpkg-deb --extract "$package" . || exit; done
  ) || die "apt-get cannot fetch Python 2.7"
  local libraries
  libraries=$(echo "$folder"/usr/lib/*-linux-gnu)
  cat >"$folder/python2" <<EOF
#!/bin/sh
export LD_LIBRARY_PATH=$libraries CPATH=$folder/usr/include
exec $folder/usr/bin/python2.7 "\$@"
EOF
  chmod +x "$folder/python2"
}

need_autobahn() {
  local wanted list=tests/autobahn/requirements.txt stamp=$tools/python2/.installed-from
  export HOMEROOM_PYTHON2=$tools/python2/python2
  wanted=$(fingerprint "$list" scripts/lib/autobahn.sh)
  if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    return
  fi
  need_c_compiler
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
  unpack_python2
  say "installing Autobahn's suite into .tools/python2"
  local folder=$tools/python2 pip packages=$tools/python2/usr/lib/python2.7/dist-packages
  python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$folder" \
    --python-version 27 --only-binary :all: "$PIP2" >&2 || die "pip cannot fetch $PIP2"
  pip=$(echo "$folder"/pip-*.whl)/pip
  # Whoever has no wheel is made by setuptools.
  retry "$HOMEROOM_PYTHON2" "$pip" install "${QUIETLY[@]}" --target "$packages" setuptools==44.1.1 wheel==0.37.1 >&2 &&
    retry "$HOMEROOM_PYTHON2" "$pip" install "${QUIETLY[@]}" --target "$packages" --requirement "$list" >&2 ||
    die "pip cannot install Autobahn's suite"
  printf '%s' "$wanted" >"$stamp"
}
