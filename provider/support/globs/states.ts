import { type CharacterRange, type GlobPiece, slash } from "./parse.js";

/** A state of the automaton: takes one character, or none and continues in two ways. */
type State =
  | { readonly kind: "character"; readonly code: number; readonly next: number }
  | {
      readonly kind: "one";
      readonly ranges: readonly CharacterRange[];
      readonly isNegated: boolean;
      readonly next: number;
    }
  | { readonly kind: "fork"; readonly ways: readonly number[] }
  | { readonly kind: "end" };

const anyInPart: readonly CharacterRange[] = [[slash, slash]];

/**
 * Whether the pieces match a whole name. Follows all ways through them at the same time, so the work is at most the product of
 * the lengths of glob and name.
 */
export function matchPieces(pieces: readonly GlobPiece[]): (name: string) => boolean {
  const states: State[] = [{ kind: "end" }];
  const start = addSequence(states, pieces, 0);
  const enteredAt = new Int32Array(states.length);
  let step = 0;
  /** The states that take a character, or end, and are reached from this one without a character. */
  const enter = (from: number, active: number[]): void => {
    const pending = [from];
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      if (enteredAt[index] === step) continue;
      enteredAt[index] = step;
      const state = states[index];
      if (state?.kind === "fork") pending.push(...state.ways);
      else active.push(index);
    }
  };
  return (name) => {
    enteredAt.fill(0);
    step = 1;
    let active: number[] = [];
    enter(start, active);
    for (let at = 0; at < name.length && active.length > 0; at += 1) {
      const code = name.charCodeAt(at);
      const following: number[] = [];
      step += 1;
      for (const index of active) {
        const state = states[index];
        if (state !== undefined && "next" in state && takes(state, code)) enter(state.next, following);
      }
      active = following;
    }
    return active.some((index) => states[index]?.kind === "end");
  };
}

function takes(state: Exclude<State, { readonly kind: "fork" | "end" }>, code: number): boolean {
  if (state.kind === "character") return state.code === code;
  return state.ranges.some(([first, last]) => first <= code && code <= last) !== state.isNegated;
}

/** Adds what leads to `next`; returns where it begins. */
function addSequence(states: State[], pieces: readonly GlobPiece[], next: number): number {
  return pieces.reduceRight((following, piece) => addPiece(states, piece, following), next);
}

function addPiece(states: State[], piece: GlobPiece, next: number): number {
  switch (piece.kind) {
    case "character":
    case "one":
      return add(states, { ...piece, next });
    case "star":
      return addLoop(states, anyInPart, next);
    case "parts":
      return addParts(states, piece.slash, next);
    case "alternatives":
      return add(states, {
        kind: "fork",
        ways: piece.options.map((option) => addSequence(states, option, next)),
      });
  }
}

function addParts(states: State[], where: "before" | "after" | "none", next: number): number {
  const literalSlash = (following: number) =>
    add(states, { kind: "character", code: slash, next: following });
  const parts = addLoop(states, [], where === "after" ? literalSlash(next) : next);
  if (where === "none") return parts;
  return add(states, { kind: "fork", ways: [next, where === "before" ? literalSlash(parts) : parts] });
}

/** Any number of characters, these excepted. */
function addLoop(states: State[], excepted: readonly CharacterRange[], next: number): number {
  const fork = states.length;
  states.push({ kind: "fork", ways: [next, fork + 1] });
  states.push({ kind: "one", ranges: excepted, isNegated: true, next: fork });
  return fork;
}

function add(states: State[], state: State): number {
  states.push(state);
  return states.length - 1;
}
