# Shared by all scripts of tools/, which source it.
# shellcheck shell=sh
# shellcheck disable=SC2034
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")" && until [ -e tools/toolchain/common.sh ]; do cd ..; done && pwd)
toolsFolder=$root/.tools

nodeVersion=24.21.0 # installed where PATH has none that is recent enough
oldestNode=22.19.0  # as in package.json, engines
pulumiVersion=$(sed -n 's|.*github.com/pulumi/pulumi/pkg/v3 v||p' "$root/tools/offline-cli/pulumi-cli/go.mod")
goVersion=$(sed -n 's|^go ||p' "$root/tools/offline-cli/pulumi-cli/go.mod")

# Install scripts are not needed, and what is not run can do no harm. Without a network npm gives up after seconds.
npmOptions="--ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
  --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000"

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# versionAtLeast VERSION MINIMUM
versionAtLeast() {
  awk -v have="$1" -v need="$2" 'BEGIN {
    split(have, h, "."); split(need, n, ".")
    for (i = 1; i <= 3; i++) if (h[i] + 0 != n[i] + 0) exit h[i] + 0 < n[i] + 0
  }'
}

# nodeIsRecent NODE
nodeIsRecent() {
  nodeFound=$("$1" -v 2>/dev/null) && versionAtLeast "${nodeFound#v}" "$oldestNode"
}

# pulumiIsUsable PULUMI: the pinned version or later, of the same major version.
pulumiIsUsable() {
  pulumiFound=$(PULUMI_SKIP_UPDATE_CHECK=1 "$1" version 2>/dev/null) || return 1
  pulumiFound=${pulumiFound#v}
  [ "${pulumiFound%%.*}" = "${pulumiVersion%%.*}" ] && versionAtLeast "$pulumiFound" "$pulumiVersion"
}

officialPulumi() {
  printf '%s\n' "${PULUMI_HOME:-$HOME/.pulumi}/versions/$pulumiVersion/bin/pulumi"
}

# runQuietly WHAT COMMAND...: says what it does, shows every 15 s that it is alive, and the end of the output on failure.
runQuietly() {
  what=$1
  shift
  mkdir -p "$toolsFolder/logs"
  log=$toolsFolder/logs/$(printf '%s' "$what" | tr -c 'A-Za-z0-9.' '-').log
  printf '%s ...\n' "$what"
  "$@" >"$log" 2>&1 </dev/null &
  job=$!
  # A job in the background of a script does not get Ctrl-C.
  trap 'kill "$job" 2>/dev/null; exit 130' INT TERM HUP
  seconds=0
  while sleep 1 && kill -0 "$job" 2>/dev/null; do
    seconds=$((seconds + 1))
    [ $((seconds % 15)) -ne 0 ] || printf '%s ... %d s\n' "$what" "$seconds"
  done
  status=0
  wait "$job" || status=$?
  trap - INT TERM HUP
  [ "$status" -eq 0 ] || tail -n 30 "$log" | sed 's/^/  | /' >&2
  return "$status"
}
