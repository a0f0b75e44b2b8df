# shellcheck shell=bash
# Sourced after setup.sh: a PostgreSQL of the tests' own, in a folder that goes when they end.

# Where Debian puts the server's programs; the newest there is.
postgres_programs() {
  find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1
}

# postgres_runs COMMAND...: as a user that PostgreSQL consents to run as, which root is not.
postgres_runs() {
  if [ "$(id -u)" -eq 0 ]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

need_postgres() { [ -n "$(postgres_programs)" ] || apt_install postgresql; }

# Installs PostgreSQL where it is missing, starts one that listens on a socket only, and names it
# in HOMEROOM_TEST_POSTGRES. Whoever starts it stops it with stop_postgres.
start_postgres() {
  need_postgres
  local programs
  programs=$(postgres_programs)
  postgres_folder=$(mktemp -d /tmp/homeroom-postgres.XXXXXX)
  chmod 711 "$postgres_folder"
  [ "$(id -u)" -ne 0 ] || chown postgres "$postgres_folder"
  # Without fsync: these records need not outlive the test.
  (
    cd "$postgres_folder" &&
      postgres_runs "$programs/initdb" --pgdata=data --username=homeroom --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync &&
      postgres_runs "$programs/pg_ctl" --pgdata=data --wait --log=log \
        -o "-k $postgres_folder -c listen_addresses='' -F -c max_connections=200" start
  ) >"$tools/postgres.log" 2>&1 || die "PostgreSQL does not start; see .tools/postgres.log"
  export HOMEROOM_TEST_POSTGRES="postgres://homeroom@localhost/postgres?host=$postgres_folder"
}

# Does nothing where none was started.
stop_postgres() {
  [ -n "${postgres_folder:-}" ] || return 0
  (
    cd "$postgres_folder" &&
      postgres_runs "$(postgres_programs)/pg_ctl" --pgdata=data --mode=immediate stop
  ) >>"$tools/postgres.log" 2>&1 || true
  rm -rf "$postgres_folder"
}
