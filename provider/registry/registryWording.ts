/** How messages about the integrated registry name the argument that says how it is reached. */
export interface RegistryWording {
  /** `registry`, of which `url`, `caCert` and `skipTlsVerify` are parts. */
  readonly argument: string;
  /** What to do when it cannot be reached. */
  readonly advice: string;
}

export const pruneWording: RegistryWording = {
  argument: "registry",
  advice:
    "Set registry.url to its route, or to the address that this machine reaches it by; with pruneRegistry: false only " +
    "the API's objects are pruned.",
};

export const archiveWording: RegistryWording = {
  argument: "integratedRegistry",
  advice:
    "Set integratedRegistry.url to its route, or to the address that this machine reaches it by, and " +
    "integratedRegistry.caCert to its CA. Only images that were pushed, or have referencePolicy: Local, need it.",
};
