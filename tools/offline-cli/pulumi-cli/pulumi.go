//go:build tools

// Package pulumicli names the command that is built, so that go.mod and go.sum cover everything it needs.
package pulumicli

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
