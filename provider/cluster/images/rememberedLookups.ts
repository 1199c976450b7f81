import type { ImageStreams } from "../../imports/ports.js";
import type { Repositories } from "../../imports/repositories.js";
import type { ImageStream, ImportResult } from "../../okd/imageStream.js";
import type { StreamKey } from "../../okd/streamName.js";

/** Milliseconds. */
const rememberedForMs = 60_000;

interface Remembered<Answer> {
  readonly askedAt: number;
  readonly answer: Promise<Answer>;
}

/**
 * Answers a repeated dry run or lookup from memory, because the engine checks a resource twice when it replaces it.
 * Remembers successes only, and forgets a namespace when we write to it.
 */
export function rememberingLookups(streams: ImageStreams, now: () => number = Date.now): ImageStreams {
  const { remembered, written } = createMemory(now);

  const write =
    (method: "createStream" | "replaceStream") =>
    (stream: ImageStream, options: Parameters<ImageStreams["createStream"]>[1]): Promise<ImageStream> => {
      const send = () => streams[method](stream, options);
      if (options.dryRun !== true) return written(stream.metadata, send());
      return remembered(stream.metadata, [method, stream], send, () => true);
    };

  return {
    ...streams,
    createStream: write("createStream"),
    replaceStream: write("replaceStream"),
    deleteStream: (key, preconditions, options) =>
      written(key, streams.deleteStream(key, preconditions, options)),
    deleteTag: (key, tag, preconditions, options) =>
      written(key, streams.deleteTag(key, tag, preconditions, options)),
    importImages: (key, images, options) => {
      const send = () => streams.importImages(key, images, options);
      return options.store ? written(key, send()) : remembered(key, [key.name, images], send, isComplete);
    },
  };
}

/** Remembers the tags of a repository, which take the server half a minute, for as long; a write of ours does not change them. */
export function rememberingListings(repositories: Repositories, now: () => number = Date.now): Repositories {
  const { remembered } = createMemory(now);
  return {
    listTags: (key, source, options) =>
      remembered(
        key,
        [key.name, source],
        () => repositories.listTags(key, source, options),
        ({ images, additionalTags }) => images.length + additionalTags.length > 0,
      ),
  };
}

interface Memory {
  /** The answer of a question that was asked of late, else the new one, which is remembered if it is worth it. */
  readonly remembered: <Answer>(
    key: Pick<StreamKey, "namespace">,
    question: unknown,
    ask: () => Promise<Answer>,
    isWorthIt: (answer: Answer) => boolean,
  ) => Promise<Answer>;
  /** What was written makes all answers of its namespace old. */
  readonly written: <Answer>(key: StreamKey, work: Promise<Answer>) => Promise<Answer>;
}

function createMemory(now: () => number): Memory {
  const namespaces = new Map<string, Map<string, Remembered<unknown>>>();

  function remembered<Answer>(
    { namespace }: Pick<StreamKey, "namespace">,
    question: unknown,
    ask: () => Promise<Answer>,
    isWorthIt: (answer: Answer) => boolean,
  ): Promise<Answer> {
    const answers = namespaces.get(namespace) ?? new Map<string, Remembered<unknown>>();
    namespaces.set(namespace, answers);
    const key = JSON.stringify(question);
    const before = answers.get(key) as Remembered<Answer> | undefined;
    if (before !== undefined && now() - before.askedAt < rememberedForMs) return before.answer;
    const asked = { askedAt: now(), answer: ask() };
    const forget = () => {
      if (answers.get(key) === asked) answers.delete(key);
    };
    asked.answer.then((answer) => {
      if (isWorthIt(answer)) answers.set(key, asked);
    }, forget);
    return asked.answer;
  }

  async function written<Answer>({ namespace }: StreamKey, work: Promise<Answer>): Promise<Answer> {
    namespaces.delete(namespace);
    try {
      return await work;
    } finally {
      namespaces.delete(namespace);
    }
  }

  return { remembered, written };
}

function isComplete({ images }: ImportResult): boolean {
  return images.every(({ image }) => image?.metadata.name !== undefined);
}
