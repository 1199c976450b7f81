import { z } from "zod";

/*
 * Import the schema lazily (`await import` or `require` inside a function): zod takes 0.1 s to load.
 * The types cost nothing: `import type { ConnectionInputs } from "./connectionArgs.js"`.
 */

const text = z.string().min(1, "must not be empty");

/** What a user may write as `connection`; whether it makes sense together is `connectionSources.ts`'s matter. */
export const connectionSchema = z
  .strictObject({
    /** Path of a kubeconfig, its content (YAML or JSON), or the parsed object. */
    kubeconfig: z.union([text, z.record(z.string(), z.unknown())]),
    /** Context of the kubeconfig; default is its current-context. */
    context: text,
    /** Cluster of the kubeconfig that takes the place of the context's. */
    cluster: text,
    /** Default namespace of resources. */
    namespace: text,
    /** URL of the API server, such as https://api.example.com:6443. */
    host: text,
    token: text,
    /** Sent as Basic together with `password`; OpenShift's API server itself wants a token. */
    username: text,
    password: z.string(),
    /** Path or PEM text of the CAs to trust. */
    caCert: text,
    /** Path or PEM text; needs `clientKey`. */
    clientCert: text,
    /** Path or PEM text; needs `clientCert`. */
    clientKey: text,
    /** Accepts any certificate. Default false. */
    skipTlsVerify: z.boolean(),
    /** Name that the server's certificate must be for, when it is not the host's. */
    tlsServerName: text,
    /** http, https or socks5 URL; default HTTPS_PROXY or HTTP_PROXY unless NO_PROXY lists the host. */
    proxyUrl: text,
    /** Servers without a proxy, comma separated; takes the place of NO_PROXY and counts for every proxy. */
    noProxy: text,
    /** Said to an http or https proxy, when it is asked for a tunnel, and to nobody else. */
    proxyHeaders: z.strictObject({ basicAuth: text, proxyBasicAuth: text, userAgent: text }).partial(),
    /** For one attempt of a request. Default 30. */
    timeoutSeconds: z.number().positive().max(3600),
    /** Acts as somebody else, where the credentials' owner may impersonate. */
    impersonate: z.strictObject({ user: text, groups: z.array(text).optional() }),
  })
  .partial();

type Immutable<T> = T extends readonly (infer E)[]
  ? readonly Immutable<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;

/** The argument `connection`, checked. */
export type ConnectionInputs = Immutable<z.infer<typeof connectionSchema>>;
