#!/bin/sh
# Runs spgov @VERSION@ from the folder that this file is in, with the permissions and features it was built
# for, whatever the environment and the working directory say about the runtime. A variable that is meant to
# reach the runtime all the same is named in SPGOV_KEEP_ENV.
root=${0%/*}
case $(export -p) in
*DENO_* | *NODE_* | *OTEL_*)
  for name in $(env | sed -n -e 's/^\(DENO_[A-Za-z0-9_]*\)=.*/\1/p' \
    -e 's/^\(NODE_[A-Za-z0-9_]*\)=.*/\1/p' -e 's/^\(OTEL_[A-Za-z0-9_]*\)=.*/\1/p'); do
    case " ${SPGOV_KEEP_ENV-} " in *" $name "*) ;; *) unset "$name" ;; esac
  done
  ;;
esac
DENO_DIR=$root/deno
DENO_NO_UPDATE_CHECK=1
# Otherwise the runtime calls itself "node" on a host that has none, for us and all that we start.
DENO_DISABLE_NODE_SHIM=1
# glibc keeps a heap for each thread otherwise.
: "${MALLOC_ARENA_MAX:=2}" # MALLOC_ARENA_MAX=2
: "${MALLOC_TRIM_THRESHOLD_:=1048576}" # MALLOC_TRIM_THRESHOLD_=1048576
: "${MALLOC_MMAP_THRESHOLD_:=262144}" # MALLOC_MMAP_THRESHOLD_=262144
export DENO_DIR DENO_NO_UPDATE_CHECK DENO_DISABLE_NODE_SHIM MALLOC_ARENA_MAX
export MALLOC_TRIM_THRESHOLD_ MALLOC_MMAP_THRESHOLD_
exec "$root/runtime" run @FLAGS@ "$root/main.js" "$@"
