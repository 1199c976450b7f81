import type { dynamic } from "@pulumi/pulumi";

/* eslint-disable */
// The text of these functions is stored in users' state and called by it for years. Never change it, never rename
// "pulumi-okd-images/hooks"; test/golden holds the serialised texts. They capture nothing but `loadHooks`, which
// requires lazily, so that the text does not depend on where this package is installed.

type HookModule = Record<string, Required<dynamic.ResourceProvider>>;

function loadHooks(): HookModule {
  try {
    return require("pulumi-okd-images/hooks");
  } catch (error: any) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    try {
      // Inside this package itself only a resolution that starts from a file finds its own name.
      return require("module").createRequire(process.cwd() + "/_.js")("pulumi-okd-images/hooks");
    } catch (cause: any) {
      throw new Error(
        "Cannot load pulumi-okd-images/hooks from " +
          process.cwd() +
          ". Is the npm package pulumi-okd-images installed there? " +
          cause.message,
      );
    }
  }
}

export const importedImageStreamStub: dynamic.ResourceProvider = {
  async configure(request) {
    return loadHooks()["importedImageStream"]!.configure(request);
  },
  async check(olds, news) {
    return loadHooks()["importedImageStream"]!.check(olds, news);
  },
  async diff(id, olds, news) {
    return loadHooks()["importedImageStream"]!.diff(id, olds, news);
  },
  async create(inputs) {
    return loadHooks()["importedImageStream"]!.create(inputs);
  },
  async read(id, props) {
    return loadHooks()["importedImageStream"]!.read(id, props);
  },
  async update(id, olds, news) {
    return loadHooks()["importedImageStream"]!.update(id, olds, news);
  },
  async delete(id, props) {
    return loadHooks()["importedImageStream"]!.delete(id, props);
  },
};

export const imagePrunePolicyStub: dynamic.ResourceProvider = {
  async configure(request) {
    return loadHooks()["imagePrunePolicy"]!.configure(request);
  },
  async check(olds, news) {
    return loadHooks()["imagePrunePolicy"]!.check(olds, news);
  },
  async diff(id, olds, news) {
    return loadHooks()["imagePrunePolicy"]!.diff(id, olds, news);
  },
  async create(inputs) {
    return loadHooks()["imagePrunePolicy"]!.create(inputs);
  },
  async read(id, props) {
    return loadHooks()["imagePrunePolicy"]!.read(id, props);
  },
  async update(id, olds, news) {
    return loadHooks()["imagePrunePolicy"]!.update(id, olds, news);
  },
  async delete(id, props) {
    return loadHooks()["imagePrunePolicy"]!.delete(id, props);
  },
};

export const imageArchiveStub: dynamic.ResourceProvider = {
  async configure(request) {
    return loadHooks()["imageArchive"]!.configure(request);
  },
  async check(olds, news) {
    return loadHooks()["imageArchive"]!.check(olds, news);
  },
  async diff(id, olds, news) {
    return loadHooks()["imageArchive"]!.diff(id, olds, news);
  },
  async create(inputs) {
    return loadHooks()["imageArchive"]!.create(inputs);
  },
  async read(id, props) {
    return loadHooks()["imageArchive"]!.read(id, props);
  },
  async update(id, olds, news) {
    return loadHooks()["imageArchive"]!.update(id, olds, news);
  },
  async delete(id, props) {
    return loadHooks()["imageArchive"]!.delete(id, props);
  },
};
/* eslint-enable */
