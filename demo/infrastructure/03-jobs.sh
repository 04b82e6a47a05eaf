#!/bin/sh
. "$(dirname "$0")/../_common.sh"
spgov demo run infrastructure/03-jobs "$@"
