import assert from "node:assert/strict";
import { pageAt, sectionOf, tableWordsIn } from "../support/documented/pages.js";

/** Flags of `oc adm prune images`, and the global one that it honours. */
const ocPruneFlags = [
  "--confirm",
  "--all",
  "--keep-younger-than",
  "--keep-tag-revisions",
  "--prune-over-size-limit",
  "--certificate-authority",
  "--registry-url",
  "--force-insecure",
  "--prune-registry",
  "--ignore-invalid-refs",
  "--num-workers",
  "--namespace",
];

/** Of community.okd's openshift_import_image, what it returns included. */
const ansibleImportOptions = [
  ...["name", "namespace", "source", "all", "reference_policy", "scheduled"],
  ...["validate_registry_certs", "result"],
];

/** Of both modules of community.okd. */
const ansibleConnectionOptions = [
  ...["host", "api_key", "username", "password", "ca_cert", "client_cert", "client_key", "validate_certs"],
  ...["kubeconfig", "context", "impersonate_user", "impersonate_groups", "persist_config"],
  ...["proxy", "no_proxy"],
  ...["proxy_headers.basic_auth", "proxy_headers.proxy_basic_auth", "proxy_headers.user_agent"],
];

/** Of community.okd's openshift_adm_prune_images, what it returns included; it connects as the other module does. */
const ansiblePruneOptions = [
  "namespace",
  "all_images",
  "keep_younger_than",
  "prune_over_size_limit",
  "registry_url",
  "registry_ca_cert",
  "registry_validate_certs",
  "prune_registry",
  "ignore_invalid_refs",
  "deleted_images",
  "updated_image_streams",
];

/** Of community.docker's docker_image_export, what it returns and how it connects included. */
const ansibleExportOptions = [
  "names",
  "name",
  "tag",
  "path",
  "force",
  "platform",
  "docker_host",
  "tls_hostname",
  "api_version",
  "use_ssh_client",
  "validate_certs",
  "tls",
  "ca_path",
  "client_cert",
  "client_key",
  "timeout",
  "debug",
  "images",
];

/** Of containers.podman's podman_save. */
const ansibleSaveOptions = [
  "image",
  "multi_image_archive",
  "dest",
  "format",
  "force",
  "compress",
  "executable",
];

/** Of `docker save` and `podman save`, and those of `docker` that choose the engine. */
const dockerSaveFlags = [
  "--output",
  "--platform",
  "--quiet",
  "--uncompressed",
  "--host",
  "--context",
  "--config",
  "--tls",
  "--tlscacert",
  "--tlscert",
  "--tlskey",
  "--tlsverify",
];

/** Those that decide what is copied into a file, and how its source is reached. */
const skopeoCopyFlags = [
  "--all",
  "--multi-arch",
  "--override-os",
  "--override-arch",
  "--override-variant",
  "--preserve-digests",
  "--format",
  "--additional-tag",
  "--src-creds",
  "--src-username",
  "--src-password",
  "--src-no-creds",
  "--src-registry-token",
  "--authfile",
  "--src-authfile",
  "--src-cert-dir",
  "--src-tls-verify",
  "--src-daemon-host",
  "--dest-compress",
  "--dest-compress-format",
  "--dest-decompress",
  "--digestfile",
  "--retry-times",
  "--command-timeout",
  "--tmpdir",
  "--policy",
  "--registries.d",
  "--remove-signatures",
  "--sign-by",
  "--encryption-key",
  "--decryption-key",
];

/** Of `oc image mirror`. */
const ocMirrorFlags = [
  "--dir",
  "--from-dir",
  "--filename",
  "--filter-by-os",
  "--keep-manifest-list",
  "--registry-config",
  "--certificate-authority",
  "--insecure",
  "--skip-verification",
  "--dry-run",
  "--force",
  "--skip-missing",
  "--continue-on-error",
  "--max-registry",
  "--max-per-registry",
  "--skip-mount",
  "--skip-multiple-scopes",
  "--s3-source-bucket",
];

/** What an ImageSetConfiguration of oc-mirror says. */
const imageSetSettings = [
  "archiveSize",
  "mirror.additionalImages",
  "mirror.blockedImages",
  "mirror.helm",
  "mirror.operators",
  "mirror.platform",
];

describe("the pages of docs/from", () => {
  const otherTools: readonly (readonly [page: string, tool: string, options: readonly string[]])[] = [
    ["oc", "oc adm prune images", ocPruneFlags],
    ["oc", "oc image mirror and oc image extract", ocMirrorFlags],
    ["ansible", "How the modules connect", ansibleConnectionOptions],
    ["ansible", "openshift_import_image", ansibleImportOptions],
    ["ansible", "openshift_adm_prune_images", ansiblePruneOptions],
    ["ansible", "docker_image_export", ansibleExportOptions],
    ["ansible", "podman_save", ansibleSaveOptions],
    ["docker", "docker save and podman save", dockerSaveFlags],
    ["skopeo", "skopeo copy", skopeoCopyFlags],
    ["oc-mirror", "oc adm release mirror and oc-mirror", imageSetSettings],
  ];
  for (const [page, tool, options] of otherTools) {
    it(`${page}.md says where every option of ${tool} has gone`, () => {
      const table = sectionOf(pageAt(`docs/from/${page}.md`), tool);
      const words = [...tableWordsIn(table)].map((word) => word.split(/[:= ]/)[0]);

      assert.deepEqual(
        options.filter((option) => !words.includes(option)),
        [],
      );
    });
  }
});
