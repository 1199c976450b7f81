import { setTimeout as sleep } from "node:timers/promises";
import type { HttpAnswer, HttpHandler, HttpRequest } from "../http/exchange.js";
import { withExpiredToken } from "../kube/storage/continueToken.js";
import type { FaultEffect } from "./faultSettings.js";

export interface FaultedAnswer {
  readonly answer: HttpAnswer;
  /** How much of the answer reaches the client. */
  readonly delivery: "whole" | "half" | "nothing";
}

/** Carries the request out, or not, as the faults say. */
export async function answerWithFaults(
  request: HttpRequest,
  effects: readonly FaultEffect[],
  handler: HttpHandler,
): Promise<FaultedAnswer> {
  for (const effect of effects) {
    if (effect.kind === "delay") await delay(effect.milliseconds, request.signal);
    if (effect.kind === "cut" && effect.when === "before")
      return { answer: { status: 0 }, delivery: "nothing" };
    if (effect.kind === "answer" && effect.afterEffect !== true) {
      return { answer: cannedAnswer(effect), delivery: "whole" };
    }
  }
  const isExpired = effects.some((effect) => effect.kind === "expireContinueToken");
  let answer = await handler(isExpired ? { ...request, query: withExpiredToken(request.query) } : request);
  for (const effect of effects) {
    if (effect.kind === "answer") answer = cannedAnswer(effect);
    if (effect.kind === "wrongDigest") answer = withOtherDigest(answer);
    if (effect.kind === "corrupt") answer = withFlippedByte(answer);
    if (effect.kind === "cut") return { answer, delivery: effect.when === "during" ? "half" : "nothing" };
  }
  return { answer, delivery: "whole" };
}

async function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

function cannedAnswer(effect: FaultEffect & { readonly kind: "answer" }): HttpAnswer {
  const isText = effect.body === undefined || typeof effect.body === "string";
  return {
    status: effect.status,
    headers: { "content-type": isText ? "text/plain; charset=utf-8" : "application/json", ...effect.headers },
    body: typeof effect.body === "string" ? effect.body : isText ? "" : JSON.stringify(effect.body),
  };
}

function withOtherDigest(answer: HttpAnswer): HttpAnswer {
  return { ...answer, headers: { ...answer.headers, "docker-content-digest": `sha256:${"0".repeat(64)}` } };
}

function withFlippedByte(answer: HttpAnswer): HttpAnswer {
  const body = Buffer.from(answer.body ?? "");
  const middle = Math.floor(body.length / 2);
  const byte = body[middle];
  if (byte !== undefined) body[middle] = byte ^ 1;
  return { ...answer, body };
}
