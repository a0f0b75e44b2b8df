# shellcheck shell=bash
# Sourced after setup.sh: a Redis of the tests' own, in a folder that goes when they end.

# redis_runs PROGRAM ARGUMENT...: with the libraries that were unpacked beside it, where it was.
redis_runs() {
  local program=$1
  shift
  if command -v "$program" >/dev/null; then
    "$program" "$@"
  else
    local libraries
    libraries=$(dirname "$(find "$tools/redis/usr/lib" -name 'libjemalloc.so.2' | head -n 1)")
    LD_LIBRARY_PATH=$libraries "$tools/redis/usr/bin/$program" "$@"
  fi
}

# Gets Redis where it is missing, starts one that listens on a socket only, keeps nothing on disk, and
# names it in HOMEROOM_TEST_REDIS. Whoever starts it stops it with stop_redis.
start_redis() {
  need_redis
  redis_folder=$(mktemp -d /tmp/homeroom-redis.XXXXXX)
  redis_runs redis-server --port 0 --unixsocket "$redis_folder/socket" --dir "$redis_folder" \
    --save '' --appendonly no --daemonize yes --pidfile "$redis_folder/pid" \
    --logfile "$redis_folder/log" >"$tools/redis.log" 2>&1 || die "Redis does not start; see .tools/redis.log"
  local tries=100
  until redis_runs redis-cli -s "$redis_folder/socket" ping >/dev/null 2>&1; do
    [ $((tries -= 1)) -gt 0 ] || { cat "$redis_folder/log" >&2; die "Redis does not answer"; }
    sleep 0.05
  done
  export HOMEROOM_TEST_REDIS="redis+unix://$redis_folder/socket"
}

# Does nothing where none was started.
stop_redis() {
  [ -n "${redis_folder:-}" ] || return 0
  redis_runs redis-cli -s "$redis_folder/socket" shutdown nosave >/dev/null 2>&1 || true
  rm -rf "$redis_folder"
}
