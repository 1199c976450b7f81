/** Fields of library-go: registry, namespace, name, tag, id. */
type Fields = readonly [string, string, string, string, string];

/**
 * `parsed` is what OpenShift reads (facts/pull-specs.md 1), `ours` the reason to refuse the text as a source of an import.
 */
export interface ImportVector {
  readonly text: string;
  readonly parsed: Fields | string;
  /** Absent when it can be imported. */
  readonly ours?: RegExp;
}

const H64 = "f".repeat(64);
const digest = `sha256:${H64}`;
const format = "invalid reference format";
const upper = "repository name must be lowercase";
const noReference = /is not an image reference/;
const noName = /names a registry and no image/;
const internal = "image-registry.openshift-image-registry.svc:5000";

const accepted: readonly (readonly [string, Fields])[] = [
  ["ruby", ["", "", "ruby", "", ""]],
  ["ruby:2.7", ["", "", "ruby", "2.7", ""]],
  ["library/ruby", ["", "library", "ruby", "", ""]],
  ["openshift/ruby-20-centos7:2.0", ["", "openshift", "ruby-20-centos7", "2.0", ""]],
  [`centos/ruby-22-centos7@${digest}`, ["", "centos", "ruby-22-centos7", "", digest]],
  ["docker.io/ruby", ["docker.io", "", "ruby", "", ""]],
  ["docker.io/library/ruby:2.7", ["docker.io", "library", "ruby", "2.7", ""]],
  ["index.docker.io/ruby", ["index.docker.io", "", "ruby", "", ""]],
  ["registry-1.docker.io/ruby", ["registry-1.docker.io", "", "ruby", "", ""]],
  ["Docker.io/ruby", ["Docker.io", "", "ruby", "", ""]],
  ["registry.access.redhat.com/rhel7:latest", ["registry.access.redhat.com", "", "rhel7", "latest", ""]],
  ["registry.redhat.io/ubi8/ubi:8.9", ["registry.redhat.io", "ubi8", "ubi", "8.9", ""]],
  ["quay.io/a/b/c/d:v1", ["quay.io", "a", "b/c/d", "v1", ""]],
  ["a/b/c", ["", "a", "b/c", "", ""]],
  ["myreg/ns/app:1", ["", "myreg", "ns/app", "1", ""]],
  ["my.repo.com:5000/myimage", ["my.repo.com:5000", "", "myimage", "", ""]],
  ["my.repo.com:5000/ns/app:1", ["my.repo.com:5000", "ns", "app", "1", ""]],
  ["172.30.1.1:5000/ns/app:t", ["172.30.1.1:5000", "ns", "app", "t", ""]],
  [`${internal}/ns/is@${digest}`, [internal, "ns", "is", "", digest]],
  ["localhost/foo", ["localhost", "", "foo", "", ""]],
  ["localhost:5000/foo/bar:1", ["localhost:5000", "foo", "bar", "1", ""]],
  ["localhost5000/foo", ["", "localhost5000", "foo", "", ""]],
  ["foo/foo_bar.com:8080", ["", "foo", "foo_bar.com", "8080", ""]],
  ["myapp:5000", ["", "", "myapp", "5000", ""]],
  ["ghcr.io/org:1", ["ghcr.io", "", "org", "1", ""]],
  ["quay.io:443/a/b", ["quay.io:443", "a", "b", "", ""]],
  ["QUAY.IO/org/app", ["QUAY.IO", "org", "app", "", ""]],
  ["quay.io/org/app:V1.0_RC-2", ["quay.io", "org", "app", "V1.0_RC-2", ""]],
  ["ruby:_t", ["", "", "ruby", "_t", ""]],
  [`ruby:${"t".repeat(128)}`, ["", "", "ruby", "t".repeat(128), ""]],
  [`repo:tag@${digest}`, ["", "", "repo", "tag", digest]],
  [`sha256:${H64}`, ["", "", "sha256", H64, ""]],
  [`docker.io/${H64}`, ["docker.io", "", H64, "", ""]],
  ["docker--x/y", ["", "docker--x", "y", "", ""]],
  ["dock__er/x", ["", "dock__er", "x", "", ""]],
  ["xn--n3h.com/img:xn--n3h.com", ["xn--n3h.com", "", "img", "xn--n3h.com", ""]],
  [
    "b.gcr.io/test.example.com/app:test.example.com",
    ["b.gcr.io", "test.example.com", "app", "test.example.com", ""],
  ],
];

const refused: readonly (readonly [string, Fields | string, RegExp])[] = [
  ["LOCALHOST/foo", ["", "LOCALHOST", "foo", "", ""], /is ambiguous/],
  ["localhost", ["localhost", "", "", "", ""], noName],
  ["localhostx", ["localhostx", "", "", "", ""], noName],
  ["localhost:5000", ["localhost:5000", "", "", "", ""], noName],
  ["foo.bar", ["foo.bar", "", "", "", ""], noName],
  ["test.com:tag", ["test.com:tag", "", "", "", ""], noName],
  ["registry.local:5000", ["registry.local:5000", "", "", "", ""], noName],
  [`foo.bar@${digest}`, [`foo.bar@${digest}`, "", "", "", digest], noName],
  ["foo_bar.com:8080", ["foo_bar.com:8080", "", "", "", ""], noName],
  ["quay.io:99999/a/b", ["quay.io:99999", "a", "b", "", ""], /has the port 99999/],
  ["quay.io:0/a/b", ["quay.io:0", "a", "b", "", ""], /has the port 0/],
  ["reg_istry.io/a/b", ["reg_istry.io", "a", "b", "", ""], /because of the underscore/],
  ["quay.io:/a", format, noReference],
  ["host.:5000/a", format, noReference],
  ["123.dkr.ecr.eu-west-1.amazonaws.com:lol/abc:d", format, noReference],
  ["[2001:db8::1]:5000/ns/app:t", format, /IPv6/],
  ["Ruby", upper, /upper case letters/],
  ["foo/Bar", upper, /upper case letters/],
  ["Foo/bar", ["", "Foo", "bar", "", ""], /is ambiguous/],
  ["quay.io/Org/app", upper, /upper case letters/],
  ["ruby:", format, noReference],
  ["ruby@", format, /what follows @ must be sha256/],
  [":tag", format, noReference],
  ["ruby:-t", format, noReference],
  ["ruby:.t", format, noReference],
  ["ruby:t:t2", format, noReference],
  [`ruby:${"t".repeat(129)}`, format, noReference],
  ["a.b/c:d/e", format, noReference],
  [`repo@sha256:${"f".repeat(63)}`, "invalid checksum digest length", /digest of the wrong length/],
  [
    `repo@sha256:${"F".repeat(64)}`,
    ["", "", "repo", "", `sha256:${"F".repeat(64)}`],
    /upper case digits: write it in lower case/,
  ],
  [
    `repo@sha384:${"f".repeat(96)}`,
    ["", "", "repo", "", `sha384:${"f".repeat(96)}`],
    /sha384 digest: OpenShift imports by sha256 only/,
  ],
  [`repo@sha512:${"f".repeat(128)}`, ["", "", "repo", "", `sha512:${"f".repeat(128)}`], /sha512 digest/],
  [`repo@md5:${"f".repeat(32)}`, "unsupported digest algorithm", /not sha256/],
  ["repo@sha256:short", format, /what follows @ must be sha256/],
  [`@${digest}`, format, noReference],
  [H64, ["", "", H64, "", ""], /is an image ID/],
  ["", "repository name must have at least one component", /the image is empty/],
  [" ruby", format, /blanks or line breaks/],
  ["ruby\n", format, /blanks or line breaks/],
  ["https://quay.io/a/b", format, /begins with a scheme: write quay\.io\/a\/b$/],
  ["docker://quay.io/a/b", format, /begins with a scheme: write quay\.io\/a\/b$/],
  ["*", format, noReference],
  ["docker/", format, noReference],
  ["/docker", format, noReference],
  ["docker///docker", format, noReference],
  ["-docker/x", format, noReference],
  ["docker-/x", format, noReference],
  ["_a/b", format, noReference],
  ["dock___er/x", format, noReference],
  ["dock..er/x", format, noReference],
  ["dock_.er/x", format, noReference],
  [
    `${"a/".repeat(127)}a:t`,
    ["", "a", `${"a/".repeat(126)}a`, "t", ""],
    /more than 255 characters, host included/,
  ],
  [
    `${"a/".repeat(128)}a:t`,
    "repository name must not be more than 255 characters",
    /more than 255 characters/,
  ],
  ["foo bar/baz", format, noReference],
  ["ruby:tÿg", format, noReference],
];

export const vectors: readonly ImportVector[] = [
  ...accepted.map(([text, parsed]) => ({ text, parsed })),
  ...refused.map(([text, parsed, ours]) => ({ text, parsed, ours })),
];
