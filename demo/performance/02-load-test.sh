#!/bin/sh
. "$(dirname "$0")/../_common.sh"
spgov demo run performance/02-load-test "$@"
