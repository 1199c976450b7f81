import { createTurns } from "../../support/async/concurrency.js";
import type { HttpAnswer } from "../../http/send.js";
import { type Challenge, parseChallenges } from "./challenge.js";
import type { Credential, CredentialSearch } from "./credentials.js";
import { basic, tokenAsPassword, type PullToken, requestToken, type TokenSender } from "./tokenServer.js";

/** How requests to one repository identify the user. The first is anonymous; its 401 tells what the registry wants. */
export interface Authorisation {
  /** Value of the header; undefined for an anonymous request. */
  readonly current: (context: AuthorisationContext) => Promise<string | undefined>;
  /** After a 401: true when there are other credentials now. */
  readonly replace: (
    refused: string | undefined,
    challenges: HttpAnswer["headers"][string],
    context: AuthorisationContext,
  ) => Promise<boolean>;
  /** For messages; undefined before credentials were wanted. */
  readonly search: () => CredentialSearch | undefined;
  /** The token server's refusal. */
  readonly refusal: () => HttpAnswer | undefined;
}

interface AuthorisationContext {
  readonly signal: AbortSignal;
  readonly attempted: string;
  readonly sendToken: TokenSender;
}

export interface AuthorisationOptions {
  readonly scope: string;
  readonly find: (signal: AbortSignal) => Promise<CredentialSearch>;
  readonly onSecret: (secret: string) => void;
}

type Shown =
  | { readonly kind: "header"; readonly value: string }
  | { readonly kind: "token"; readonly token: PullToken; readonly challenge: Challenge };

export function createAuthorisation(options: AuthorisationOptions): Authorisation {
  const asking = new Asking(options);
  const inTurn = createTurns();
  return {
    current: (context) => inTurn(() => asking.current(context)),
    replace: (...refused) => inTurn(() => asking.replace(...refused)),
    search: () => asking.search,
    refusal: () => asking.refusal,
  };
}

/** What is known so far; asked by one request at a time. */
class Asking {
  search: CredentialSearch | undefined;
  refusal: HttpAnswer | undefined;
  readonly #options: AuthorisationOptions;
  #shown: Shown | undefined;

  constructor(options: AuthorisationOptions) {
    this.#options = options;
  }

  async current(context: AuthorisationContext): Promise<string | undefined> {
    if (this.#shown?.kind === "token" && this.#shown.token.renewAt < Date.now()) {
      await this.#exchange(this.#shown.challenge, context);
    }
    return headerOf(this.#shown);
  }

  async replace(...[refused, header, context]: Parameters<Authorisation["replace"]>): Promise<boolean> {
    if (headerOf(this.#shown) !== refused) return true; // another request was faster
    this.search ??= await this.#options.find(context.signal);
    const challenges = parseChallenges(header);
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    const isBasic = challenges.some(({ scheme }) => scheme === "basic");
    const { credential } = this.search;
    if (credential?.kind === "bearer") {
      const form = { asPassword: bearer === undefined && isBasic, onSecret: this.#options.onSecret };
      return this.#show(await presentToken(credential, refused, form, context.signal), refused);
    }
    if (bearer !== undefined) return await this.#exchange(bearer, context);
    return this.#show(isBasic && credential !== undefined ? basicOf(credential) : undefined, refused);
  }

  #show(value: string | undefined, refused: string | undefined): boolean {
    if (value === undefined || value === refused) return false;
    this.#shown = { kind: "header", value };
    return true;
  }

  async #exchange(challenge: Challenge, context: AuthorisationContext): Promise<boolean> {
    const { scope, onSecret } = this.#options;
    const credential = this.search?.credential?.kind === "bearer" ? undefined : this.search?.credential;
    const { attempted, sendToken } = context;
    const answer = await requestToken(challenge, sendToken, { scope, credential, attempted, now: Date.now });
    this.refusal = answer.ok ? undefined : answer.answer;
    if (!answer.ok) return false;
    onSecret(answer.token.token);
    this.#shown = { kind: "token", token: answer.token, challenge };
    return true;
  }
}

/** OpenShift's registry takes the cluster's token as it is or, where it offers Basic only, as the password of any user. */
async function presentToken(
  { tokens }: Extract<Credential, { kind: "bearer" }>,
  refused: string | undefined,
  { asPassword, onSecret }: { readonly asPassword: boolean; readonly onSecret: (secret: string) => void },
  signal: AbortSignal,
): Promise<string | undefined> {
  const form = (text: string) => {
    onSecret(text);
    return asPassword ? tokenAsPassword(text) : `Bearer ${text}`;
  };
  const token = await tokens.token(signal);
  if (refused !== form(token)) return form(token);
  return (await tokens.renew(token, signal)) ? form(await tokens.token(signal)) : undefined;
}

function basicOf(credential: Exclude<Credential, { kind: "bearer" }>): string {
  return basic(credential.username, credential.kind === "basic" ? credential.password : credential.token);
}

function headerOf(shown: Shown | undefined): string | undefined {
  if (shown === undefined) return undefined;
  return shown.kind === "header" ? shown.value : `Bearer ${shown.token.token}`;
}
