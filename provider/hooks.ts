/**
 * The code behind the resources, and the place where everything is wired. The stubs in users' state require this
 * module by its name for years: the exports below are never renamed.
 */
import { randomBytes } from "node:crypto";
import { createImportHandler } from "./imports/handler.js";
import { createLogs, engineAddress } from "./lifecycle/engineConnection.js";
import { createHooks, type Hooks } from "./lifecycle/hooks.js";
import { createKnownSecrets } from "./lifecycle/knownSecrets.js";
import { watchProcessEnd } from "./lifecycle/processEnd.js";
import type { Runtime } from "./lifecycle/session.js";
import { createClusterConnector } from "./openshift/connector.js";

const engine = engineAddress();
const processEnd = watchProcessEnd(engine);
const secrets = createKnownSecrets(process.env);

const runtime: Runtime = {
  signal: processEnd.signal,
  track: processEnd.track,
  logFor: createLogs(engine),
  secrets,
};

const newClaim = () => randomBytes(8).toString("hex");

export const importedImageStream: Hooks = createHooks(
  createImportHandler({ newClaim }),
  createClusterConnector(secrets.add),
  runtime,
);
