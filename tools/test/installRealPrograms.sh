#!/bin/sh
# Installs the real programs that some tests run against. One line each: Debian's package, the command it brings.
. "$(dirname -- "$0")/../toolchain/common.sh"
parts='
docker-registry docker-registry
skopeo skopeo
chromium chromium
podman podman
docker.io dockerd
zstd zstd
'

missing=$(printf '%s' "$parts" | while read -r package command; do
  [ -z "$package" ] || command -v "$command" >/dev/null || printf '%s ' "$package"
done)
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || fail "Install by hand, as there is no apt-get here: $missing"
asRoot=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail "Run this as root, as there is no sudo here: apt-get install $missing"
  sudo -v
  asRoot="sudo -n"
fi
# The variables are lists of words.
# shellcheck disable=SC2086
runQuietly "Reading Debian's package lists" $asRoot apt-get update -q &&
  runQuietly "Installing $missing" $asRoot env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $missing ||
  fail "Debian's packages could not be installed: $missing"
