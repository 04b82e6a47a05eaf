#!/bin/sh
. "$(dirname "$0")/_common.sh"
spgov demo run setup/00-preflight "$@"
