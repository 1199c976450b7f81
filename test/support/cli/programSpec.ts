/** An argument; see `evaluate` of program.ts for what `$output`, `$digest`, `$tag` and `$secret` stand for. */
type ArgumentSpec = unknown;

export interface ResourceSpec {
  readonly type: "stream" | "policy" | "archive" | "value" | "request";
  readonly name: string;
  readonly args?: Readonly<Record<string, ArgumentSpec>>;
  readonly options?: {
    /** Names of resources declared before. */
    readonly dependsOn?: readonly string[];
    readonly aliases?: readonly { readonly name: string }[];
    readonly ignoreChanges?: string[];
    readonly replaceOnChanges?: string[];
    readonly additionalSecretOutputs?: string[];
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
  };
}

/** What program.json holds. */
export interface ProgramSpec {
  readonly resources: readonly ResourceSpec[];
  readonly exports?: Readonly<Record<string, ArgumentSpec>>;
}
