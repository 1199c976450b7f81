import type { ImagePush, Sandbox } from "okd-image-sandbox";

/** Where a container runtime pulls, as the admin. */
export function sourceOf({ integratedRegistry, certificateAuthority, adminToken }: Sandbox) {
  return { url: integratedRegistry.url, certificateAuthority, token: adminToken };
}

/** A push of `shop/app`. */
export function app(tag: string, layers: readonly string[], more: Partial<ImagePush> = {}): ImagePush {
  return { namespace: "shop", name: "app", tag, image: { layers }, ...more };
}

/** The registry as a requester of recorded exchanges takes it. */
export function targetOf({ integratedRegistry, certificateAuthority, adminToken }: Sandbox) {
  const { url } = integratedRegistry;
  return { url, certificateAuthority, adminToken, userToken: undefined };
}
