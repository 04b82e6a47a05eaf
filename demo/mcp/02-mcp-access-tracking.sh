#!/bin/sh
. "$(dirname "$0")/../_common.sh"
spgov demo run mcp/02-mcp-access-tracking "$@"
