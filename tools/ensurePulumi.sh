#!/bin/sh
# Makes sure that there is a Pulumi CLI: from PATH, from ~/.pulumi, from .tools/, downloaded, or built from its Go modules.
. "$(dirname -- "$0")/toolchain.sh"
builtFolder=$toolsFolder/pulumi/bin
built=$builtFolder/pulumi
fresh=$built.$$

canDownload() {
  # The launcher has no time limit of its own. This answers at once without a network, in 10 s behind a silent firewall.
  sh "$root/tools/env.sh" node -e '
    const file = `pulumi-v${process.argv[1]}-${process.platform}-${process.arch}.tar.gz`;
    const options = { method: "HEAD", signal: AbortSignal.timeout(10_000) };
    fetch(`https://get.pulumi.com/releases/sdk/${file}`, options).then(
      (response) => process.exit(response.ok ? 0 : 1),
      () => process.exit(1),
    );' "$pulumiVersion" 2>/dev/null
}

download() {
  exec sh "$root/tools/env.sh" npm exec --yes --loglevel=error --package="pulumi@$pulumiVersion" -- pulumi version
}

build() {
  cd "$root/tools/pulumi-cli"
  GOWORK=off CGO_ENABLED=0 exec nice go build -mod=readonly -trimpath -tags osusergo,grpcnotrace \
    -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$pulumiVersion" \
    -o "$fresh" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
}

# What the official download has beside the CLI: the language host and the starter of dynamic providers.
linkCompanions() {
  ln -sf ../../../tools/language-host/main.cjs "$builtFolder/pulumi-language-nodejs"
  ln -sf ../../../node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs "$builtFolder/pulumi-resource-pulumi-nodejs"
}

! pulumiIsUsable pulumi || exit 0
! pulumiIsUsable "$(officialPulumi)" || exit 0
if ! pulumiIsUsable "$built"; then
  if canDownload && runQuietly "Downloading Pulumi $pulumiVersion" download && pulumiIsUsable "$(officialPulumi)"; then
    exit 0
  fi
  command -v go >/dev/null ||
    fail "Pulumi $pulumiVersion cannot be downloaded here: install Pulumi $pulumiVersion or later, or Go 1.25 or later to build it, and run this again."
  mkdir -p "$builtFolder"
  runQuietly "Building Pulumi $pulumiVersion from its Go modules (once, up to 10 minutes)" build &&
    pulumiIsUsable "$fresh" ||
    fail "Pulumi $pulumiVersion could not be built: see above, or install Pulumi $pulumiVersion or later yourself, and run this again."
  mv "$fresh" "$built"
fi
linkCompanions
