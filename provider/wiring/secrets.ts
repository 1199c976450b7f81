import { createKnownSecrets } from "../lifecycle/knownSecrets.js";
import { redactExcerptsWith } from "../support/text/excerpt.js";

/** What no message of this process may show. */
export const secrets = createKnownSecrets(process.env);
redactExcerptsWith(secrets.withoutSecrets);
