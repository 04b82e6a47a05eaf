#!/bin/sh
. "$(dirname "$0")/_common.sh"
spgov demo run setup/01-seed-data "$@"
