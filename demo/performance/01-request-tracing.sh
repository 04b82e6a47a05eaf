#!/bin/sh
. "$(dirname "$0")/../_common.sh"
spgov demo run performance/01-request-tracing "$@"
