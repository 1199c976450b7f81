/** An entry of the engine's event log, as far as tests look at it. */
export interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: StepMetadata; readonly planning?: boolean };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata; readonly planning?: boolean };
  readonly diagnosticEvent?: Diagnostic;
  readonly summaryEvent?: { readonly resourceChanges?: Readonly<Record<string, number>> };
}

interface Diagnostic {
  readonly urn?: string;
  readonly severity: string;
  readonly message: string;
  readonly ephemeral?: boolean;
}

export interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old: StepState | null;
  readonly new: StepState | null;
  readonly diffs?: readonly string[] | null;
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>> | null;
}

interface StepState {
  readonly inputs: Bag;
  readonly outputs: Bag;
}

export type Bag = Readonly<Record<string, unknown>>;

/** What one run of the CLI showed and did. */
export class Operation {
  readonly command: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly EngineEvent[];

  constructor(
    command: string,
    code: number | null,
    output: { readonly stdout: string; readonly stderr: string },
    events: readonly EngineEvent[],
  ) {
    this.command = command;
    this.code = code;
    this.stdout = output.stdout;
    this.stderr = output.stderr;
    this.events = events;
  }

  get text(): string {
    return `${this.stdout}\n${this.stderr}`;
  }

  /** `create web`, `same web`, ... of the preview or of the update, without stacks and providers. */
  steps(phase: "preview" | "update" = "update"): readonly string[] {
    return this.#metadata(phase).map((step) => `${step.op} ${nameOf(step.urn)}`);
  }

  step(name: string, phase: "preview" | "update" = "update"): StepMetadata {
    const found = this.#metadata(phase).find((step) => nameOf(step.urn) === name);
    if (found === undefined) throw new Error(`there is no step for ${name}:\n${this.text}`);
    return found;
  }

  /** Lines on the row of this resource, in order. */
  lines(name: string): readonly string[] {
    return this.events.flatMap(({ diagnosticEvent: line }) =>
      line?.urn !== undefined && nameOf(line.urn) === name && line.ephemeral !== true
        ? [`${line.severity.replace("info#err", "info")}: ${withoutColours(line.message).trim()}`]
        : [],
    );
  }

  #metadata(phase: "preview" | "update"): readonly StepMetadata[] {
    return this.events.flatMap(({ resourcePreEvent: event }) => {
      if (event === undefined || (event.planning === true) !== (phase === "preview")) return [];
      return event.metadata.type.startsWith("pulumi-nodejs:") ? [event.metadata] : [];
    });
  }
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

function withoutColours(message: string): string {
  return message.replaceAll(/<\{%[^%]*%\}>/g, "");
}
