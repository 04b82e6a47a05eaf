#!/bin/sh
# spgov @VERSION@ for @PLATFORM@. What follows this script is a compressed archive of the program, its
# runtime and PostgreSQL. It is unpacked once into a cache folder and run from there; nothing is
# downloaded. The folder is the first of these that works:
#   $SPGOV_CACHE · for root /var/cache/spgov · $XDG_CACHE_HOME/spgov · ~/.cache/spgov · /tmp/spgov-cache-<uid>
# and one that root has unpacked into /var/cache/spgov serves everybody.
id=@ID@
offset=@OFFSET@
total=@TOTAL@
sum=@SUM@

fail() {
  printf 'spgov: %s\n' "$1" >&2
  exit 6
}

# Only root or the caller could have put there what is in the folder.
trusted() {
  [ -O "$1" ] && return 0
  set -- $(ls -lnd "$1" 2>/dev/null)
  case ${1-} in d????-??-*) [ "${3-}" = 0 ] ;; *) return 1 ;; esac
}

usable() {
  [ -s "$1/complete" ] && [ -x "$1/runtime" ] || return 1
  for file in launch @MODULES@; do [ -s "$1/$file" ] || return 1; done
  trusted "$1"
}

writable() {
  (umask 022 && mkdir -p "$1") 2>/dev/null && [ -w "$1" ] && [ -x "$1" ] && trusted "$1"
}

unpack() (
  umask 022
  for tool in tail gzip tar wc rm; do
    command -v "$tool" >/dev/null 2>&1 || fail "cannot unpack: this host has no \"$tool\""
  done
  [ $(wc -c <"$self") -eq "$total" ] || fail "\"$self\" is damaged: it is not $total bytes long"
  [ -t 2 ] && printf 'spgov: unpacking into %s (once)\n' "$1" >&2
  draft=$1/$id.new-$$
  trap 'rm -rf "$draft"' EXIT
  trap 'exit 1' HUP INT TERM
  rm -rf "$draft"
  mkdir "$draft" || fail "cannot write into \"$1\""
  tail -c +"$offset" "$self" | gzip -dc | tar -xof - -C "$draft" || fail "cannot unpack into \"$1\": is there room for @UNPACKED_MB@ MB?"
  env -i DENO_DIR="$draft/deno" DENO_NO_UPDATE_CHECK=1 DENO_DISABLE_NODE_SHIM=1 \
    "$draft/runtime" run @SETTLE_FLAGS@ "$draft/settle.js" "$draft" "$1/$id" "$sum"
  case $? in
  0) ;;
  126 | 127) fail "what was unpacked into \"$1\" cannot run: mounted noexec, or a host without glibc? SPGOV_CACHE names another folder" ;;
  *) fail "cannot unpack into \"$1\": is \"$self\" damaged?" ;;
  esac
)

self=$0
case $self in */*) ;; *) [ -r "$self" ] || self=$(command -v "$self") ;; esac
[ -r "$self" ] || fail "cannot read \"$0\""

if [ -n "${SPGOV_CACHE-}" ]; then
  case $SPGOV_CACHE in /*) cache=$SPGOV_CACHE ;; *) cache=$PWD/$SPGOV_CACHE ;; esac
elif [ -O / ]; then cache=/var/cache/spgov
elif [ -n "${XDG_CACHE_HOME-}" ]; then cache=$XDG_CACHE_HOME/spgov
elif [ -n "${HOME-}" ]; then cache=$HOME/.cache/spgov
else cache=; fi

root=$cache/$id
if [ -z "$cache" ] || ! usable "$root"; then
  if [ -z "${SPGOV_CACHE-}" ] && usable "/var/cache/spgov/$id"; then
    root=/var/cache/spgov/$id
  else
    if [ -z "$cache" ] || ! writable "$cache"; then
      [ -z "${SPGOV_CACHE-}" ] || fail "cannot write into \"$cache\", or it belongs to somebody else (SPGOV_CACHE)"
      cache=/tmp/spgov-cache-$(id -u)
    fi
    root=$cache/$id
    if ! usable "$root"; then
      writable "$cache" || fail "cannot write into \"$cache\", or it belongs to somebody else; SPGOV_CACHE names another folder"
      unpack "$cache" || exit
    fi
  fi
fi
exec "$root/launch" "$@"
exit 6
