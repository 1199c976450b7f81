/** Writes the states that this version leaves behind; see test/conformance/states/README.md. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Stack } from "../cli/stack.js";
import { imageObjects } from "../worlds/earlierState.js";
import { type RecordedWorld, startRecordedWorld } from "../worlds/recorded.js";
import { type Bag, filled, mapped, type RecordedResource, statesFolder } from "./states.js";
import { type Scenario, scenarios } from "./stateScenarios.js";

const secretKey = "4dabf18193072939515e22adb298388d";
const stubs = new Map<string, string>();

async function main(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [name, scenario] of Object.entries(scenarios)) {
    const world = await startRecordedWorld();
    const stack = await Stack.create();
    try {
      writeFileSync(join(folder, `${name}.json`), await record(scenario, world, stack));
      process.stdout.write(`${name}\n`);
    } finally {
      stack.close();
      await world.close();
    }
  }
  for (const [stub, text] of stubs) writeFileSync(join(folder, `${stub}.stub.txt`), text);
}

async function record({ program, world = {}, ...how }: Scenario, on: RecordedWorld, stack: Stack) {
  const { sandbox, addresses } = on;
  if (world.history === true) on.pushHistory();
  await how.before?.(sandbox);
  stack.declare(filled(program, addresses) as typeof program);
  if (how.play === undefined) await stack.succeed("up", "--yes");
  else await how.play(stack, sandbox);
  const blank = (value: unknown) => mapped(value, (text) => withoutAddresses(text, addresses));
  const resources = (await storedResources(stack)).map(
    ({ urn, type, id, inputs, outputs, initErrors }) =>
      ({
        urn,
        type,
        id,
        inputs: recorded(inputs),
        outputs: recorded(outputs),
        initErrors,
      }) as RecordedResource,
  );
  const objects = (await imageObjects(sandbox)).map((object) => `    ${JSON.stringify(blank(object))}`);
  const { folder } = stack.project;
  const packed = readdirSync(folder)
    .filter((file) => file.includes(".tar"))
    .map((file) => [file, gzipSync(readFileSync(join(folder, file))).toString("base64")] as const);
  const text = JSON.stringify(
    { program, world, resources: blank(resources), objects: "OBJECTS", files: Object.fromEntries(packed) },
    undefined,
    2,
  );
  const listed = objects.length === 0 ? "[]" : `[\n${objects.join(",\n")}\n  ]`;
  return `${text.replace('"OBJECTS"', () => listed)}\n`;
}

async function storedResources(stack: Stack): Promise<readonly RecordedResource[]> {
  const { deployment } = JSON.parse((await stack.succeed("stack", "export", "--show-secrets")).stdout) as {
    deployment: { resources: RecordedResource[] };
  };
  return deployment.resources.filter(({ type }) => type.startsWith("pulumi-nodejs:"));
}

/** Without the code, which is the same for all resources of a kind. */
function recorded(bag: Bag): unknown {
  const code = bag.__provider as string;
  const stub = /loadHooks\(\)\["(\w+)"\]/.exec(code)?.[1] ?? "";
  if ((stubs.get(stub) ?? code) !== code) throw new Error(`the code of ${stub} differs`);
  stubs.set(stub, code);
  return plainSecrets({ ...bag, __provider: `\${${stub}}` });
}

/** `{ $secret: value }` for what `--show-secrets` shows as JSON in a text. */
function plainSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainSecrets);
  if (typeof value !== "object" || value === null) return value;
  if (secretKey in value) return { $secret: JSON.parse((value as Bag).plaintext as string) as unknown };
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, plainSecrets(element)]));
}

function withoutAddresses(text: string, addresses: RecordedWorld["addresses"]): string {
  return Object.entries(addresses).reduce(
    (blank, [name, address]) => blank.replaceAll(address, `\${${name}}`),
    text,
  );
}

void main(process.argv[2] ?? join(statesFolder, "new"));
