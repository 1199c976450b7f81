import type { PullSecrets } from "../../../provider/imports/pullSecrets.js";
import type { Secret, SecretKey } from "../../../provider/okd/secret.js";
import { ImageError } from "../../../provider/support/imageError.js";

/** Secrets in memory, with preconditions as the API server has them. */
export interface FakeSecrets extends PullSecrets {
  /** What was asked for: `get shop/web-pull`, `create shop/web-pull (dry run)`. */
  readonly calls: readonly string[];
  /** What is stored. */
  secret(name: string, namespace?: string): Secret | undefined;
  put(secret: Secret): void;
  /** The next call of this kind fails with the error, after it was done if `isDone`. */
  fail(call: string, error: ImageError, isDone?: boolean): void;
}

export function fakeSecrets(...initial: readonly Secret[]): FakeSecrets {
  const stored = new Map<string, Secret>();
  const calls: string[] = [];
  const failures: { readonly call: string; readonly error: ImageError; readonly isDone: boolean }[] = [];
  let version = 0;
  const nameOf = ({ namespace, name }: SecretKey) => `${namespace}/${name}`;
  const put = (secret: Secret) => {
    version += 1;
    const { uid = `uid-${version}` } = secret.metadata;
    const metadata = { ...secret.metadata, uid, resourceVersion: String(version) };
    const kept = { ...secret, metadata };
    stored.set(nameOf(metadata), kept);
    return kept;
  };
  const answer = async <Result>(call: string, work: () => Result): Promise<Result> => {
    calls.push(call);
    await new Promise(setImmediate);
    const at = failures.findIndex((failure) => call.startsWith(failure.call));
    const [failure] = at === -1 ? [] : failures.splice(at, 1);
    if (failure !== undefined && !failure.isDone) throw failure.error;
    const result = work();
    if (failure !== undefined) throw failure.error;
    return result;
  };
  const conflict = (name: string) => new ImageError("API_CONFLICT", `${name} was changed`);
  initial.forEach(put);
  return {
    calls,
    secret: (name, namespace = "shop") => stored.get(`${namespace}/${name}`),
    put: (secret) => void put(secret),
    fail: (call, error, isDone = false) => void failures.push({ call, error, isDone }),
    getSecret: (key) => answer(`get ${nameOf(key)}`, () => stored.get(nameOf(key))),
    createSecret: (secret, { dryRun = false }) => {
      const name = nameOf(secret.metadata);
      return answer(`create ${name}${dryRun ? " (dry run)" : ""}`, () => {
        if (stored.has(name)) throw conflict(name);
        return dryRun ? secret : put(secret);
      });
    },
    replaceSecret: (secret, { dryRun = false }) => {
      const name = nameOf(secret.metadata);
      return answer(`replace ${name}${dryRun ? " (dry run)" : ""}`, () => {
        if (stored.get(name)?.metadata.resourceVersion !== secret.metadata.resourceVersion)
          throw conflict(name);
        return dryRun ? secret : put(secret);
      });
    },
    deleteSecret: (key, { uid, resourceVersion }) => {
      const name = nameOf(key);
      return answer(`delete ${name}`, () => {
        const found = stored.get(name)?.metadata;
        if (found === undefined) return "absent";
        if (found.uid !== uid || found.resourceVersion !== resourceVersion) throw conflict(name);
        stored.delete(name);
        return "deleted";
      });
    },
  };
}
