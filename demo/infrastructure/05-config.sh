#!/bin/sh
. "$(dirname "$0")/../_common.sh"
spgov demo run infrastructure/05-config "$@"
