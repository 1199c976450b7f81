import { requireSettings } from "../settings/require.js";
import { engineFaultSettings } from "./settings.js";

/** What can fail, and where. */
export type EngineFault =
  /** Another answer, before anything else happens. A text is sent as text/plain. */
  | {
      readonly on: EngineRequestKind;
      readonly kind: "answer";
      readonly status: number;
      readonly body: unknown;
    }
  /** Something happens on the machine before the request is handled, such as a tag that moves. */
  | { readonly on: EngineRequestKind; readonly kind: "meanwhile"; readonly happens: () => void }
  /** A wait before the answer begins, as real engines stage an export first. */
  | { readonly on: EngineRequestKind; readonly kind: "delay"; readonly milliseconds: number }
  /** The connection ends without an answer. */
  | { readonly on: EngineRequestKind; readonly kind: "reset" }
  /** The archive is complete, and then an error follows in the same body. */
  | { readonly on: "export"; readonly kind: "lateError"; readonly message: string }
  /** Half of the archive, then the end of the connection, or nothing any more. */
  | { readonly on: "export"; readonly kind: "cut" | "stall" }
  /** The archive that Docker sends when asked for no image. */
  | { readonly on: "export"; readonly kind: "nullManifest" };

export type EngineRequestKind = "ping" | "inspect" | "export";

/** Faults that wait for their requests; each hits once. */
export class EngineFaults {
  readonly #waiting: EngineFault[] = [];

  /** @throws Error with a sentence for each field that is unknown or wrong */
  add(fault: EngineFault): void {
    requireSettings("a fault of the engine", engineFaultSettings, fault);
    this.#waiting.push(fault);
  }

  take(kind: EngineRequestKind): readonly EngineFault[] {
    const hits = this.#waiting.filter(({ on }) => on === kind);
    for (const hit of hits) this.#waiting.splice(this.#waiting.indexOf(hit), 1);
    return hits;
  }
}
