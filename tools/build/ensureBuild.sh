#!/bin/sh
# Makes sure that dist/ and sandbox/dist/ are newer than their sources. A folder counts too: it changes when a file in it is removed.
. "$(dirname -- "$0")/../toolchain/common.sh"
cd "$root"
built=dist/.built
[ ! -e "$built" ] ||
  [ -n "$(find provider sandbox/src sandbox/test sandbox/*.json test bench tools/build package.json tsconfig.json -newer "$built" 2>/dev/null | head -n 1)" ] ||
  exit 0
started=$toolsFolder/build-started # what is edited during the build is newer than this
mkdir -p "$toolsFolder"
touch "$started"
rm -rf dist sandbox/dist
runQuietly "Building" sh tools/toolchain/env.sh npm run --silent build || fail "The build failed: see above."
mv "$started" "$built"
