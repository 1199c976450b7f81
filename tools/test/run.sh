#!/bin/sh
# Runs all tests, then lists the suites that were skipped because a real program is missing.
# With REQUIRE_REAL=1 a skipped suite is a failure.
. "$(dirname -- "$0")/../toolchain/common.sh"
cd "$root"
# Suites append lines `name<TAB>what is missing`.
SKIP_REPORT=$toolsFolder/skipped-suites
export SKIP_REPORT
mkdir -p "$toolsFolder"
: >"$SKIP_REPORT"
status=0
sh tools/toolchain/env.sh npm test --silent || status=$?
[ -s "$SKIP_REPORT" ] || exit "$status"
printf '\nSkipped, because something is missing here:\n'
sort -u "$SKIP_REPORT" | awk -F '\t' '{ printf "  %-40s %s\n", $1, $2 }'
printf 'To install what is missing: make real-deps\n'
if [ "${REQUIRE_REAL:-}" = 1 ]; then exit 1; fi
exit "$status"
