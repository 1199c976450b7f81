#!/bin/sh
# Makes sure that there is a Node: the one on PATH if it is recent enough, else one under .tools/.
. "$(dirname -- "$0")/common.sh"
nodeIsRecent node || sh "$root/tools/toolchain/installNode.sh" "$nodeVersion" "$toolsFolder/node"
