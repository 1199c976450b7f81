import type { ErrorCode } from "../../provider/support/imageError.js";

/** What an error means, and what to do about it, as Markdown. */
export interface Advice {
  readonly meaning: string;
  readonly advice: string;
}

export const errorAdvice = {
  API_CONFLICT: {
    meaning: "something else kept writing the stream, through several attempts",
    advice: "run again; find the other writer (`oc get is NAME -o yaml --show-managed-fields`)",
  },
  API_ERROR: {
    meaning: "an unexpected answer, or not the API server of an OKD cluster",
    advice:
      "is `host` the API server and not the console or a router? Does the cluster serve `image.openshift.io/v1`?",
  },
  API_FORBIDDEN: {
    meaning: "a right is missing, the namespace is being deleted, or a quota is used up",
    advice: "the message names the right and the role that has it; see [rights](rights.md)",
  },
  API_INVALID: {
    meaning: "the server refused the stream, for example by a LimitRange",
    advice: "the message is the server's; correct the argument it names",
  },
  API_NOT_FOUND: {
    meaning: "the server knows no such object",
    advice: "has it been deleted during the run? Run again",
  },
  API_TIMEOUT: {
    meaning: "the server did not answer a write in time; it may have happened",
    advice: "run again: what is done is found",
  },
  API_UNAUTHORIZED: {
    meaning:
      "the credentials were refused (401); the message lists which were tried, and which were not and why",
    advice: "`oc login`, or set a new token; in `refresh` and `destroy` add `--run-program`",
  },
  API_UNREACHABLE: {
    meaning: "no connection to the API server",
    advice:
      "the message names the cause: DNS, firewall, proxy, certificate, or a slow server (`timeoutSeconds`)",
  },
  ARCHIVE_BROKEN: {
    meaning:
      "what came from the engine or the registry is no whole image archive; the message has the engine's own error where it sent one. The old file is untouched",
    advice: "run again; else look at the engine's log and at its free disk space",
  },
  ARCHIVE_DISK_FULL: {
    meaning:
      "there is not enough space for the archive; the message says how much is needed and free. The old file is untouched",
    advice: "make room: while it is written, the new file lies beside the old one",
  },
  ARCHIVE_FILE: {
    meaning: "the file system refused to read or write the archive; the message has its reason",
    advice: "correct what it names, then run again",
  },
  ARCHIVE_LOCKED: {
    meaning: "another process writes this archive; the message names it",
    advice: "wait for its end; is the same `path` in two programs?",
  },
  ARCHIVE_MOVED: {
    meaning:
      "an image moved between the look at it and the export, or the engine exported another one than it named; nothing was written",
    advice: "run `pulumi up` again",
  },
  ARCHIVE_PATH: {
    meaning:
      "nothing can be written at `path`: something is in the way, this user may not write there, its folder is missing, or another archive of the program is there; the message says which",
    advice: "correct `path`, or `createDirectories: true`",
  },
  ARCHIVE_UNMANAGED: {
    meaning:
      "there is a file at `path` that this resource has not written, and it is another archive than the wanted one, or none; the message says what is different",
    advice: "another `path`, or `overwriteUnmanaged: true`",
  },
  ARGUMENT_INVALID: {
    meaning: "an argument cannot be used; the message names it and says why",
    advice: "correct it",
  },
  CANCELLED: {
    meaning: "the Pulumi CLI has gone away; work stopped before its next step",
    advice: "run again; see the interrupted run below",
  },
  CLAIM_LOST: {
    meaning: "another resource has taken over a tag of this one",
    advice: "remove the tag from one of the two programs; `adopt: true` takes it back",
  },
  CONNECTION_INVALID: {
    meaning:
      "a connection setting is wrong or contradicts another; the message names the setting and where it comes from",
    advice: "correct it there",
  },
  DEADLINE_EXCEEDED: {
    meaning: "the time limit of `timeouts` is over",
    advice: "raise `timeouts`; big images from slow registries need minutes",
  },
  ENGINE_ERROR: {
    meaning:
      "the container engine answered something unexpected, or what answers is no engine; the message quotes it",
    advice: "look at the engine's log; is `engine.host` the engine and not something else?",
  },
  ENGINE_INVALID: {
    meaning:
      "the engine's address, context, API version or TLS settings cannot be used; the message names the setting and where it comes from",
    advice: "correct it there",
  },
  ENGINE_UNREACHABLE: {
    meaning:
      "no connection to the container engine, or it broke; the message names the address, where that comes from, and the cause",
    advice:
      "start the engine, become a member of the socket's group, or set `engine.host`; for TLS `engine.caCert`",
  },
  ENGINE_UNSUPPORTED: {
    meaning:
      "the engine and this package have no version of the Engine API in common, or it cannot export just these `platforms`",
    advice:
      "leave out `engine.apiVersion` and `DOCKER_API_VERSION`, or upgrade the older side; for `platforms` name one or none, or export from a registry",
  },
  HAND_OVER_UNSAFE: {
    meaning:
      "the folder for what a preview leaves to its `up` belongs to somebody else, others can write it, or this user cannot",
    advice: "remove the folder that the message names, or set TMPDIR",
  },
  IMAGE_NOT_FOUND: {
    meaning: "the container engine or the image stream has no such image, or not for that platform",
    advice: "pull or build it first, or correct the name",
  },
  IMPORT_FAILED: {
    meaning: "the cluster could not import; the message is its own",
    advice: "can the cluster reach the registry? Is the image of a kind that it supports?",
  },
  IMPORT_LIMIT: {
    meaning: "a repository has more new tags than `maxNew` allows in one run; nothing was imported",
    advice: "look at the tags that the message names, then raise `repository.maxNew` or select fewer",
  },
  IMPORT_MOVED: {
    meaning: "the source changed between the lookup and the import",
    advice: "look at the next preview, then run `up` again",
  },
  IMPORT_NOT_FOUND: {
    meaning: "the registry has no such repository or tag, or hides it",
    advice: "check the spelling; a private repository may need a pull secret",
  },
  IMPORT_RATE_LIMITED: {
    meaning: "the registry limits pulls",
    advice:
      "wait, or add a pull secret, which usually raises the limit; avoid `trackUpstream` where it is not needed",
  },
  IMPORT_REGISTRY_NOT_ALLOWED: {
    meaning: "the cluster's `allowedRegistriesForImport` or `registrySources` excludes the registry",
    advice:
      "add it to `images.config.openshift.io/cluster`, with the port that the message names (443; with `insecure` 80)",
  },
  IMPORT_TLS: {
    meaning: "the registry's certificate is not trusted, or it speaks plain HTTP",
    advice: "add its CA to `additionalTrustedCA` of the image configuration, or `insecure: true`",
  },
  IMPORT_UNAUTHORIZED: {
    meaning: "the registry wants other credentials",
    advice:
      "see [pull secrets](../guides/import-images.md#pull-secrets); or the repository does not exist: the message names the likelier cause first, and the keys that were found",
  },
  NAMESPACE_NOT_FOUND: {
    meaning: "there is no such namespace; the message names the one that may have been meant",
    advice: "correct the name, or create it, and name what creates it in `dependsOn`",
  },
  OTHER_CLUSTER: {
    meaning: "the state belongs to another cluster than the connection names; nothing was changed",
    advice: "point the connection at the first one; if that is gone for good: `pulumi state delete URN`",
  },
  PRUNE_BUSY: {
    meaning: "another run prunes this cluster; the message names it, and since when",
    advice: "wait for its end; a run that was killed blocks others for a minute at most",
  },
  PRUNE_INVALID_REFERENCE: {
    meaning:
      "objects name images by texts that nobody can read, so what they protect is not known; the message lists all of them",
    advice: "correct the objects, or set `invalidRefs`",
  },
  PRUNE_LEASE_LOST: {
    meaning: "the run could no longer be sure to be the only one, so it stopped; the message says why",
    advice: "run again: what is left is found again",
  },
  PRUNE_LIMIT: {
    meaning: "the plan exceeds `limits`; the message has the numbers and the biggest streams",
    advice: "look at the plan (`planReport`), then raise the limit or narrow `select`",
  },
  PRUNE_NOT_APPROVED: {
    meaning:
      "the file of `approvedPlan` cannot be read (the message says why), is no plan report, is for another cluster, or is written by this program",
    advice: "write it anew with `planReport`, and approve that",
  },
  PRUNE_NOT_PREVIEWED: {
    meaning:
      "the preview of this run did not show what would be pruned, or what it has left is gone: nothing is pruned",
    advice:
      "run `pulumi up` again; or give `approvedFingerprint` with the fingerprint that the message names",
  },
  PRUNE_OVERLAP: {
    meaning: "two policies of one stack would let the same things go",
    advice: "let their `select` or `namespace` differ, or make them one",
  },
  PRUNE_PERMISSION: {
    meaning: "the user lacks rights that the prune needs; the message lists all of them",
    advice: "grant them, or connect as somebody who has them",
  },
  PRUNE_PLAN_CHANGED: {
    meaning:
      "the plan that was shown cannot be made again, because the cluster has changed; nothing was pruned",
    advice: "run `pulumi up` again",
  },
  PRUNE_REFUSED: {
    meaning: "the state of the cluster or of its objects speaks against any prune; the message says which",
    advice: "correct what the message names, or pass over it with the word of `force` that it gives",
  },
  REGISTRY_BLOCKED: {
    meaning: "the machine's registries.conf blocks this registry or repository",
    advice: "pull from elsewhere, or change the file that the message names",
  },
  REGISTRY_CORRUPT: {
    meaning: "what a registry sent is not what its digest and size say; nothing of it is used",
    advice:
      "try again; if it stays so, a proxy in between changes it or the registry's storage is damaged: push the image again",
  },
  REGISTRY_DELETE_DISABLED: {
    meaning: "the integrated registry does not delete (`storage.delete.enabled` is off)",
    advice: "switch it on in the registry's configuration, or prune with `pruneRegistry: false`",
  },
  REGISTRY_ERROR: {
    meaning: "a registry answered something unexpected; the message quotes it",
    advice: "look at the registry's log; is the address the registry and not the console?",
  },
  REGISTRY_NOT_FOUND: {
    meaning: "the registry has no such repository, tag or digest, or hides it from who is not logged in",
    advice: "check the name; log in where the message says that nobody was",
  },
  REGISTRY_PLATFORM: {
    meaning: "the image is not for a platform that was asked for",
    advice: "choose among those that the message lists",
  },
  REGISTRY_RATE_LIMITED: {
    meaning: "the registry limits how often it is asked",
    advice: "wait; for Docker Hub log in or use a mirror",
  },
  REGISTRY_READ_ONLY: {
    meaning: "the integrated registry is in read-only mode; nothing was deleted",
    advice:
      "wait for the end of the maintenance, or set `spec.readOnly: false` in `configs.imageregistry.operator.openshift.io/cluster`",
  },
  REGISTRY_STILL_REFERENCED: {
    meaning: "a stream, or an index in it, lists the image again, so the registry keeps it",
    advice: "nothing: it is in use; the next run looks again",
  },
  REGISTRY_TLS: {
    meaning:
      "no TLS connection that can be trusted: an unknown CA, another name, an expired certificate. The search for the integrated registry ends there",
    advice:
      "give the CA with `caCert` of that registry (`registry.caCert` of a policy, `integratedRegistry.caCert` of an archive); `insecure` or `skipTlsVerify` turns the check off and is for tests",
  },
  REGISTRY_UNAUTHORIZED: {
    meaning: "the registry refused the token or login: it has expired, a right is missing, or there was none",
    advice:
      "the message names the right and the role that has it (`system:image-pruner` for pruning), or where credentials were looked for; `oc login` or `podman login` renews them",
  },
  REGISTRY_UNREACHABLE: {
    meaning:
      "a registry did not answer, or something else did; the message lists the addresses that were tried and why each failed",
    advice:
      "is a VPN or a proxy needed? For the integrated one set `registry.url` (and `registry.caCert`) of a policy, or prune with `pruneRegistry: false`; of an archive `integratedRegistry.url` (and `integratedRegistry.caCert`)",
  },
  REGISTRY_UNSUPPORTED: {
    meaning:
      "what the reference names is no image that can be pulled: Docker's schema 1, an artifact, encrypted layers, layers kept elsewhere",
    advice: "the message says what it is and what to do",
  },
  REPORT_NOT_WRITTEN: {
    meaning:
      "the plan report could not be written; the message says why. A file that is no plan report is never overwritten",
    advice: "choose another `planReport`, or move away what is in the way",
  },
  SECRET_NOT_OWNED: {
    meaning: "the namespace already has a secret of this name, made by somebody else or of another type",
    advice: "another name (`pullSecret.name`, `pullSecretFrom.as`), or `adopt: true`",
  },
  SOURCE_FORBIDDEN: {
    meaning: "this account may not read the images of the stream that a tag takes its image from",
    advice: "grant it the role `system:image-puller` in the namespace of that stream",
  },
  SOURCE_NOT_FOUND: {
    meaning:
      "a tag takes its image from a tag or an image of an image stream that does not exist, or cannot be used",
    advice: "correct the name, or let the resource depend on the one that makes the source (`dependsOn`)",
  },
  STREAM_CLAIMED: {
    meaning: "another resource owns the tag, or tags of a stream that was to be removed",
    advice: "`aliases` after a rename; else `adopt: true`, or destroy the other resource first",
  },
  STREAM_IN_USE: {
    meaning:
      "something uses a tag that would be removed, or its digest; the message names it, and nothing was removed",
    advice: "keep the tag, move its users to another one first, or `deleteInUse: true`",
  },
  STREAM_NOT_FOUND: {
    meaning:
      "an archive or a policy names an image stream, or a tag of one, that is not there; a first preview only warns, since the program may make it",
    advice: "check the name; if the program makes the stream, take its `tag()`, or name it in `dependsOn`",
  },
  TAG_CHANGED: {
    meaning: "a tag is not as it was just written: something else writes the same image stream",
    advice: "find out what does (`metadata.managedFields` names it), and leave the tag to one of the two",
  },
  TAG_NOT_OWNED: {
    meaning: "the stream already has this tag, made by somebody else",
    advice: "`adopt: true`, or another tag name",
  },
} as const satisfies Readonly<Record<ErrorCode, Advice>>;
