import type { Dispatcher } from "undici";
import { type ClientCertificate, createDispatcher, type Endpoint } from "./dispatcher.js";

export interface CertificateDispatchers {
  readonly get: (certificate: ClientCertificate | undefined) => Dispatcher;
  /** Waits for running requests. */
  readonly close: () => Promise<void>;
  /** Cuts them. */
  readonly destroy: () => Promise<void>;
}

/** A client certificate belongs to the connection; exec plugins may hand out a new one while we run. */
export function certificateDispatchers(
  endpoint: Endpoint,
  create: typeof createDispatcher = createDispatcher,
): CertificateDispatchers {
  let open: { readonly certificate: string; readonly dispatcher: Dispatcher } | undefined;
  const closeOpen = async () => {
    const closing = open?.dispatcher;
    open = undefined;
    await closing?.close();
  };
  return {
    get: (certificate) => {
      const wanted = certificate === undefined ? "" : `${certificate.cert}\n${certificate.key}`;
      if (open?.certificate !== wanted) {
        void closeOpen();
        open = { certificate: wanted, dispatcher: create(endpoint, certificate) };
      }
      return open.dispatcher;
    },
    close: closeOpen,
    destroy: async () => {
      const cut = open?.dispatcher;
      open = undefined;
      await cut?.destroy();
    },
  };
}
