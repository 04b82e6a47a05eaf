#!/bin/sh
. "$(dirname "$0")/../_common.sh"
spgov demo run governance/05-governance-denied "$@"
