#!/bin/sh
# Installs one version of Node from its npm package, whose hash nodePackages.txt holds: installNode.sh VERSION FOLDER
. "$(dirname -- "$0")/common.sh"
version=$1
folder=$2
node=$folder/node_modules/.bin/node

isComplete() {
  [ "$("$node" -v 2>/dev/null)" = "v$version" ]
}

# A lock file, because npm compares what it downloads with the hash in one, and with nothing else.
writeLock() {
  printf '{ "name": "node-of-the-tools", "dependencies": { "%s": "%s" } }\n' "$name" "$version" >"$folder/package.json"
  printf '{
  "name": "node-of-the-tools",
  "lockfileVersion": 3,
  "packages": {
    "": { "name": "node-of-the-tools", "dependencies": { "%s": "%s" } },
    "node_modules/%s": { "version": "%s", "integrity": "%s", "bin": { "node": "bin/node" } }
  }
}\n' "$name" "$version" "$name" "$version" "$integrity" >"$folder/package-lock.json"
}

install() {
  cd "$folder"
  # npmOptions is a list of words.
  # shellcheck disable=SC2086
  exec npm ci $npmOptions
}

! isComplete || exit 0
command -v npm >/dev/null && command -v node >/dev/null ||
  fail "Node is missing: install Node $oldestNode or later, or any older Node with npm, and run this again."
name=node-$(node -p 'process.platform + "-" + process.arch')
integrity=$(awk -v package="$name@$version" '$1 == package { print $2 }' "$root/tools/toolchain/nodePackages.txt")
[ -n "$integrity" ] ||
  fail "No hash of the npm package $name@$version is known in tools/toolchain/nodePackages.txt, so it is not installed: install Node $oldestNode or later yourself, and run this again."
rm -rf "$folder"
mkdir -p "$folder"
writeLock
runQuietly "Installing Node $version" install && isComplete ||
  fail "Node $version could not be installed as the npm package $name, or has another hash than tools/toolchain/nodePackages.txt says (see above): install Node $oldestNode or later yourself, and run this again."
