#!/bin/sh
. "$(dirname "$0")/../_common.sh"
spgov demo run mcp/03-mcp-tool-execution "$@"
