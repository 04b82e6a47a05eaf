#!/bin/sh
. "$(dirname "$0")/../_common.sh"
spgov demo run users/04-ip-ban "$@"
