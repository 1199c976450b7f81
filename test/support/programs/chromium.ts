import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";

/** A headless Chromium, driven by the DevTools protocol over two pipes. */
export interface Chromium {
  /** Opens the HTML from a file and waits until it is loaded. */
  open(html: string, options?: PageOptions): Promise<BrowserPage>;
  close(): Promise<void>;
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  /** Whether the page's own scripts run. */
  readonly scripts?: boolean;
}

export interface BrowserPage {
  /** Errors and warnings of the page: exceptions, its console, what its Content-Security-Policy refused. */
  readonly complaints: readonly string[];
  /** What was requested beside the page itself. */
  readonly requests: readonly string[];
  /** The JSON value of a JavaScript expression; promises are awaited. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Types into what has the focus. */
  type(text: string): Promise<void>;
  press(key: "Tab" | "Enter"): Promise<void>;
  /** Everything that a screen reader is told, as `role name`. */
  accessibleNames(): Promise<readonly string[]>;
  /** Prints it, to nowhere. */
  print(): Promise<void>;
  /** A PNG file of the whole page. */
  screenshot(file: string): Promise<void>;
}

type Fields = Readonly<Record<string, unknown>>;

export async function startChromium(): Promise<Chromium> {
  const folder = await mkdtemp(join(tmpdir(), "chromium-"));
  const browser = spawn(
    "chromium",
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--no-first-run",
      "--remote-debugging-pipe",
      `--user-data-dir=${join(folder, "profile")}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const devTools = connect(browser);
  let pages = 0;
  return {
    open: async (html, options = {}) => {
      pages += 1;
      const file = join(folder, `page-${pages}.html`);
      await writeFile(file, html);
      return await openPage(devTools, pathToFileURL(file).href, options);
    },
    close: async () => {
      const ended = once(browser, "exit");
      await devTools.send("Browser.close", {});
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface DevTools {
  send(method: string, params: Fields, session?: string): Promise<Fields>;
  listen(session: string, listener: (method: string, params: Fields) => void): void;
}

interface Waiting {
  readonly resolve: (result: Fields) => void;
  readonly reject: (error: Error) => void;
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: Fields;
  readonly error?: { readonly message: string };
}

/** Messages are JSON, each ended by a zero byte. */
function connect(browser: ChildProcess): DevTools {
  const output = browser.stdio[3] as Writable;
  const input = browser.stdio[4] as Readable;
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, (method: string, params: Fields) => void>();
  let lastId = 0;
  let received = "";
  const take = ({ id, sessionId = "", method, params = {}, result = {}, error }: Message) => {
    if (method !== undefined) listeners.get(sessionId)?.(method, params);
    if (id === undefined) return;
    if (error === undefined) waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(error.message));
    waiting.delete(id);
  };
  input.setEncoding("utf8").on("data", (text: string) => {
    const messages = `${received}${text}`.split("\0");
    received = messages.pop() ?? "";
    for (const message of messages) take(JSON.parse(message) as Message);
  });
  const fail = () => {
    for (const { reject } of waiting.values()) reject(new Error("Chromium has ended"));
    waiting.clear();
  };
  browser.on("exit", fail).on("error", fail);
  return {
    send: async (method, params, sessionId) =>
      await new Promise((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        output.write(`${JSON.stringify({ id: lastId, method, params, sessionId })}\0`);
      }),
    listen: (session, listener) => listeners.set(session, listener),
  };
}

async function openPage(devTools: DevTools, url: string, options: PageOptions): Promise<BrowserPage> {
  const { width = 1280, height = 900, colorScheme = "light", scripts = true } = options;
  const { targetId } = await devTools.send("Target.createTarget", { url: "about:blank" });
  const attached = await devTools.send("Target.attachToTarget", { targetId, flatten: true });
  const session = attached.sessionId as string;
  const send = (method: string, params: Fields = {}) => devTools.send(method, params, session);
  const complaints: string[] = [];
  const requests: string[] = [];
  const events = new EventEmitter();
  devTools.listen(session, (method, params) => {
    events.emit(method);
    const complaint = complaintOf(method, params);
    if (complaint !== undefined) complaints.push(complaint);
    if (method !== "Network.requestWillBeSent") return;
    const requested = (params.request as { readonly url: string }).url;
    if (requested !== url) requests.push(requested);
  });
  for (const domain of ["Page", "Runtime", "Log", "Network", "Accessibility"]) await send(`${domain}.enable`);
  await send("Emulation.setDeviceMetricsOverride", {
    width,
    height,
    deviceScaleFactor: 1,
    mobile: width < 600,
  });
  await send("Emulation.setEmulatedMedia", {
    features: [{ name: "prefers-color-scheme", value: colorScheme }],
  });
  await send("Emulation.setScriptExecutionDisabled", { value: !scripts });
  const loaded = once(events, "Page.loadEventFired");
  await send("Page.navigate", { url });
  await loaded;

  const press = async (key: string) => {
    const text = key === "Enter" ? { text: "\r" } : {};
    const code = { key, code: key, windowsVirtualKeyCode: key === "Enter" ? 13 : 9 };
    await send("Input.dispatchKeyEvent", { type: "keyDown", ...code, ...text });
    await send("Input.dispatchKeyEvent", { type: "keyUp", ...code });
  };
  return {
    complaints,
    requests,
    evaluate: async <Value>(expression: string) => {
      const answer = await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
      if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
      return (answer.result as { readonly value: Value }).value;
    },
    type: async (text) => {
      await send("Input.insertText", { text });
    },
    press,
    accessibleNames: async () => {
      const { nodes } = await send("Accessibility.getFullAXTree");
      return (nodes as readonly AccessibleNode[])
        .filter(({ ignored }) => !ignored)
        .map(({ role, name }) => `${role?.value ?? ""} ${name?.value ?? ""}`);
    },
    print: async () => {
      await send("Page.printToPDF");
    },
    screenshot: async (file) => {
      const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: true });
      await writeFile(file, data as string, "base64");
    },
  };
}

interface AccessibleNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

function complaintOf(method: string, params: Fields): string | undefined {
  switch (method) {
    case "Runtime.exceptionThrown":
      return JSON.stringify(params.exceptionDetails);
    case "Runtime.consoleAPICalled":
      return JSON.stringify(params.args);
    case "Log.entryAdded":
      return (params.entry as { readonly text: string }).text;
    default:
      return undefined;
  }
}
