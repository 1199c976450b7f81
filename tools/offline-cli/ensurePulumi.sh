#!/bin/sh
# Makes sure that there is a Pulumi CLI: from PATH, from ~/.pulumi, from .tools/, or built from its Go modules. Of those go.sum
# has the hashes; the official download is not made, because it runs a script of which nobody publishes one.
. "$(dirname -- "$0")/../toolchain/common.sh"
builtFolder=$toolsFolder/pulumi/bin
built=$builtFolder/pulumi
fresh=$built.$$

# No other Go is downloaded, no module that go.sum does not know, and none with another hash.
build() {
  cd "$root/tools/offline-cli/pulumi-cli"
  GOWORK=off GOFLAGS='' GOTOOLCHAIN=local CGO_ENABLED=0 exec nice go build -buildvcs=false -mod=readonly -trimpath -tags osusergo,grpcnotrace \
    -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$pulumiVersion" \
    -o "$fresh" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
}

# What the official download has beside the CLI: the language host and the starter of dynamic providers.
linkCompanions() {
  ln -sf ../../../tools/offline-cli/language-host/main.cjs "$builtFolder/pulumi-language-nodejs"
  ln -sf ../../../node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs "$builtFolder/pulumi-resource-pulumi-nodejs"
}

# A CLI that was built before may be on PATH already, with links to where its companions once were.
[ ! -x "$built" ] || linkCompanions
! pulumiIsUsable pulumi || exit 0
! pulumiIsUsable "$(officialPulumi)" || exit 0
if ! pulumiIsUsable "$built"; then
  command -v go >/dev/null ||
    fail "Pulumi is missing: install Pulumi $pulumiVersion or later, or Go $goVersion or later to build it, and run this again."
  mkdir -p "$builtFolder"
  runQuietly "Building Pulumi $pulumiVersion from its Go modules (once, up to 10 minutes)" build &&
    pulumiIsUsable "$fresh" ||
    fail "Pulumi $pulumiVersion could not be built (it takes Go $goVersion or later, and modules with the hashes in go.sum): see above, or install Pulumi $pulumiVersion or later yourself, and run this again."
  mv "$fresh" "$built"
  linkCompanions
fi
