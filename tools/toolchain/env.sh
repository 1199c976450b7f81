#!/bin/sh
# Puts Node and Pulumi on PATH where PATH has none that fit.
#   tools/toolchain/env.sh COMMAND...       runs a command with them
#   eval "$(tools/toolchain/env.sh)"        puts them on the PATH of this shell
. "$(dirname -- "$0")/common.sh"
if ! nodeIsRecent node; then PATH=$toolsFolder/node/node_modules/.bin:$PATH; fi
if ! pulumiIsUsable pulumi; then
  official=$(officialPulumi)
  if [ -x "$official" ]; then PATH=${official%/pulumi}:$PATH; else PATH=$toolsFolder/pulumi/bin:$PATH; fi
fi
export PATH
if [ $# -gt 0 ]; then exec "$@"; fi
printf "export PATH='%s'\n" "$PATH"
