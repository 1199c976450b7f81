import type { Parsed } from "../support/arguments/parsed.js";
import type { UnknownPath } from "./unknowns.js";
import type { JsonObject } from "./wire.js";

/** Lines about one resource; they appear on its own row of the display. */
export interface ResourceLog {
  /** Replaced by the next line, not kept. */
  readonly progress: (message: string) => void;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** What every hook gets besides its arguments. */
export interface HookContext<Ports> {
  readonly urn: string;
  /** Name under which the resource claims physical objects: its first URN, kept across renames with aliases. */
  readonly claimant: string;
  /** Aborted at the hook's deadline and when the CLI is gone; `reason` is then an ImageError. */
  readonly signal: AbortSignal;
  readonly log: ResourceLog;
  /** For free text that goes into inputs or outputs; log lines, failures and errors are redacted anyway. */
  readonly redact: (text: string) => string;
  /** Connects at the first call; all hooks of a process share the connection. */
  readonly ports: () => Promise<Ports>;
}

/** Whether unknown values may be answered: only in a preview (an unknown in `up` is fatal). */
export type Phase = "preview" | "up";

/** Valid arguments, without those that are not known yet. */
export interface CheckRequest<Args> {
  readonly args: Args;
  readonly phase: Phase;
  /** The checked inputs of the last run; empty for a new resource and in the second check of a replacement. */
  readonly oldInputs: JsonObject;
  /** Arguments that are not known yet; only those that `knownPart` allows to be unknown. */
  readonly unknown: readonly UnknownPath[];
}

/** Checked inputs on their way to `create` or `update`. */
export interface ExecuteRequest {
  readonly inputs: JsonObject;
  /** `ignoreChanges` brought the computed input back: nothing is executed for it. */
  readonly computedIsKept: boolean;
}

export interface DiffRequest extends ExecuteRequest {
  /** The argument `connection` is not the one of the last run. */
  readonly connectionChanged: boolean;
}

/** Of a verb that begins with the outputs of the last run. */
export interface OfState {
  readonly state: JsonObject;
}

/**
 * - `resolved`: everything is known.
 * - `pending`: something that the same stack may be about to create is not there yet. In a preview the computed
 *   input is unknown then; in `up` it is a failure.
 * - `failed`: each reason begins with the property path that the user wrote.
 *
 * `defaults` are inputs that the user left out and that the connection decides, like `namespace`.
 */
export type CheckOutcome =
  | { readonly kind: "resolved"; readonly defaults: JsonObject; readonly computed: object }
  | { readonly kind: "pending"; readonly defaults: JsonObject; readonly reason: string }
  | { readonly kind: "failed"; readonly reasons: readonly string[] };

/**
 * - `same`: nothing to do, even where the texts of old and new inputs differ.
 * - `drift`: the world differs in a way that the inputs do not show.
 * - `inputs`: let the engine compare old and new inputs, so that replaceOnChanges and detailed diffs work.
 */
export type DiffOutcome =
  | { readonly kind: "same" }
  | { readonly kind: "drift" }
  | { readonly kind: "inputs"; readonly replaces: readonly string[] };

/** `failures` not empty: the change happened in part; the state is kept and the next `up` repairs it. */
export interface Executed {
  readonly id: string;
  readonly outputs: object;
  readonly failures: readonly string[];
}

export interface ReadOutcome {
  readonly id: string;
  readonly outputs: object;
  /** Inputs as the world shows them, so that a refresh displays drift; executed plans are cleared. */
  readonly inputs: object;
}

/** The engine's verbs for one kind of resource, free of Pulumi's quirks. All hooks are idempotent. */
export interface ResourceHandler<Args, Ports> {
  /** Name of the computed input: always present in the checked inputs. */
  readonly computedKey: string;
  /** Inputs without reserved keys and unknown values. Reports all issues at once, without any request. */
  parse(inputs: JsonObject): Promise<Parsed<Args>>;
  /** Inputs that the user left out and that need no request, like `name`; asked for in every check. */
  defaults(inputs: JsonObject, oldInputs: JsonObject, urn: string): JsonObject;
  /** Milliseconds; `properties` are the inputs or the state that the hook got. */
  deadline(verb: Verb, properties: JsonObject): number;
  /**
   * The part of the inputs that decides the computed input while `unknown` is not known, for `parse` and `check`; undefined
   * where `unknown` decides. Absent: every argument decides. The computed input may then contain unknown values.
   */
  knownPart?(inputs: JsonObject, unknown: readonly UnknownPath[]): JsonObject | undefined;
  check(request: CheckRequest<Args>, context: HookContext<Ports>): Promise<CheckOutcome>;
  /**
   * One line about what will happen, for the preview: from the inputs with the computed one, and from those of the last run
   * (empty for a new resource). Without the computed input it says what is not known. Undefined: there is nothing to say.
   */
  summarise(inputs: JsonObject, oldInputs: JsonObject): string | undefined;
  /** Called in a preview when unknown arguments prevent the check, so that the computed input is unknown. */
  leftUnknown?(urn: string): Promise<void>;
  diff(state: JsonObject, request: DiffRequest, context: HookContext<Ports>): Promise<DiffOutcome>;
  create(request: ExecuteRequest, context: HookContext<Ports>): Promise<Executed>;
  update(
    id: string,
    state: JsonObject,
    request: ExecuteRequest,
    context: HookContext<Ports>,
  ): Promise<Executed>;
  /** `undefined` only when the object is proven to be gone. */
  read(id: string, state: JsonObject, context: HookContext<Ports>): Promise<ReadOutcome | undefined>;
  delete(id: string, state: JsonObject, context: HookContext<Ports>): Promise<void>;
}

export type Verb = "check" | "diff" | "create" | "update" | "read" | "delete";
