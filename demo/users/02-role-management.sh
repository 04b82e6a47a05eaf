#!/bin/sh
. "$(dirname "$0")/../_common.sh"
spgov demo run users/02-role-management "$@"
