import type { ImageStreams, StreamUsers } from "../ports.js";

/** A stream whose tags come from another stream uses that stream as soon as it is written. */
export function tellingWrites(streams: ImageStreams, users: StreamUsers): ImageStreams {
  const told = async <Result>(isWrite: boolean, work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } finally {
      if (isWrite) users.noteWrite();
    }
  };
  const hasSources = ({ spec }: Parameters<ImageStreams["createStream"]>[0]) => (spec.tags ?? []).length > 0;
  return {
    ...streams,
    createStream: (stream, options) =>
      told(options.dryRun !== true && hasSources(stream), streams.createStream(stream, options)),
    replaceStream: (stream, options) =>
      told(options.dryRun !== true && hasSources(stream), streams.replaceStream(stream, options)),
    importImages: (key, images, options) => told(options.store, streams.importImages(key, images, options)),
  };
}
