#!/bin/sh
# Finds the program: SPGOV, else dist/spgov, else the sources.
demo_root=$(cd "$(dirname "$0")" && pwd)
while [ ! -f "$demo_root/_common.sh" ]; do demo_root=$(dirname "$demo_root"); done
root=$(dirname "$demo_root")
spgov() {
  if [ -n "${SPGOV:-}" ]; then "$SPGOV" "$@"
  elif [ -x "$root/dist/spgov" ]; then "$root/dist/spgov" "$@"
  elif command -v deno >/dev/null 2>&1; then deno run -A "$root/main.ts" "$@"
  else npx -y deno@2.9.6 run -A "$root/main.ts" "$@"
  fi
}
