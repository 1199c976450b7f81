.DEFAULT_GOAL := help
.PHONY: help demo test check build real-deps shell clean node packages pulumi

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: packages pulumi build ## Run a preview, an up, a second up and a destroy against the sandbox, with the real Pulumi CLI
	@sh tools/toolchain/env.sh node tools/demo/main.mjs

test: packages pulumi ## Run all tests; list what was skipped because a real program is missing
	@sh tools/test/run.sh

check: packages pulumi build ## Check types, lint, formatting, what is unused and the package, then run all tests
	@sh tools/toolchain/env.sh npm run --silent types
	@sh tools/toolchain/env.sh npm run --silent types:examples
	@sh tools/toolchain/env.sh npm run --silent lint
	@sh tools/toolchain/env.sh npm run --silent unused
	@sh tools/toolchain/env.sh npm run --silent package
	@sh tools/test/run.sh

build: packages ## Compile to dist/
	@sh tools/build/ensureBuild.sh

real-deps: ## Install the real programs that some tests run against (Debian packages)
	@sh tools/test/installRealPrograms.sh

shell: packages pulumi ## Open a shell with Node and Pulumi on PATH
	@exec sh tools/toolchain/env.sh "$${SHELL:-sh}"

clean: ## Remove what was built (the tools in .tools/ stay)
	@rm -rf dist sandbox/dist coverage .demo

node:
	@sh tools/toolchain/ensureNode.sh

packages: node
	@sh tools/build/ensurePackages.sh

pulumi: node
	@sh tools/offline-cli/ensurePulumi.sh
