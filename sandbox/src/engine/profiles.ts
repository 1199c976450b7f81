/** How an engine's image store names and exports images. */
export type ImageStore = "graphdriver" | "containerd" | "podman";

/** What tells one engine from another. */
export interface EngineProfile {
  /** The header Server. */
  readonly server: string;
  readonly api: string;
  readonly oldestApi: string;
  readonly store: ImageStore;
  /** Of an export: one folder per layer (Docker up to 24), or an OCI layout with a manifest.json. */
  readonly layout: "legacy" | "oci";
}

const docker = (version: string, api: string, oldestApi: string, store: ImageStore): EngineProfile => ({
  server: `Docker/${version} (linux)`,
  api,
  oldestApi,
  store,
  layout: Number.parseInt(version, 10) < 25 ? "legacy" : "oci",
});

const podman = (version: string): EngineProfile => ({
  server: `Libpod/${version} (linux)`,
  api: "1.41",
  oldestApi: "1.24",
  store: "podman",
  layout: "legacy",
});

export const engineProfiles = {
  "docker-20.10": docker("20.10.24", "1.41", "1.12", "graphdriver"),
  "docker-24": docker("24.0.9", "1.43", "1.12", "graphdriver"),
  "docker-25": docker("25.0.5", "1.44", "1.24", "graphdriver"),
  "docker-27-containerd": docker("27.5.1", "1.47", "1.24", "containerd"),
  "docker-28.0": docker("28.0.4", "1.48", "1.24", "graphdriver"),
  "docker-28": docker("28.5.1", "1.51", "1.24", "graphdriver"),
  "docker-28-containerd": docker("28.5.1", "1.51", "1.24", "containerd"),
  "docker-29": docker("29.0.0", "1.52", "1.44", "containerd"),
  "docker-29-graphdriver": docker("29.0.0", "1.52", "1.44", "graphdriver"),
  "podman-4.3": podman("4.3.1"),
  "podman-5": podman("5.8.0"),
} as const satisfies Record<string, EngineProfile>;

export type EngineVersion = keyof typeof engineProfiles;

/** Whether a request of version `asked` is at `since` or later. */
export function apiIsAtLeast(asked: string, since: string): boolean {
  const minor = (version: string) => Number(version.split(".")[1]);
  return minor(asked) >= minor(since);
}
