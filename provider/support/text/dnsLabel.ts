/** A label of DNS (RFC 1123), which Kubernetes takes as the name of a namespace, a container and much else. */
export const dnsLabel = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
