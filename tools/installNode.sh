#!/bin/sh
# Installs one version of Node from its npm package: installNode.sh VERSION FOLDER
. "$(dirname -- "$0")/toolchain.sh"
version=$1
folder=$2
node=$folder/node_modules/.bin/node

isComplete() {
  [ "$("$node" -v 2>/dev/null)" = "v$version" ]
}

! isComplete || exit 0
command -v npm >/dev/null && command -v node >/dev/null ||
  fail "Node is missing: install Node $oldestNode or later, or any older Node with npm, and run this again."
package=node-$(node -p 'process.platform + "-" + process.arch')@$version
rm -rf "$folder"
mkdir -p "$folder"
# npmOptions is a list of words.
# shellcheck disable=SC2086
runQuietly "Installing Node $version" \
  npm install --prefix "$folder" --no-save --no-package-lock $npmOptions "$package" &&
  isComplete ||
  fail "Node $version could not be installed as the npm package $package: install Node $oldestNode or later yourself, and run this again."
