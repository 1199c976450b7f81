#!/bin/sh
# Makes sure that node_modules is what the lock file says. npm writes its record last, so a broken install has none.
. "$(dirname -- "$0")/../toolchain/common.sh"
cd "$root"
record=node_modules/.package-lock.json
[ ! -e "$record" ] || [ -n "$(find package.json package-lock.json sandbox/package.json examples/*/package.json -newer "$record" 2>/dev/null)" ] || exit 0
# npmOptions is a list of words.
# shellcheck disable=SC2086
runQuietly "Installing the npm packages" sh tools/toolchain/env.sh npm ci $npmOptions ||
  fail "The npm packages could not be installed (see above); a first run needs the network."
touch "$record"
