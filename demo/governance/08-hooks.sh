#!/bin/sh
. "$(dirname "$0")/../_common.sh"
spgov demo run governance/08-hooks "$@"
