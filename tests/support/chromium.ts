import { createRequire } from "node:module";
import type { Obstacle } from "./host.ts";
import { obtainKit } from "./npm_kit.ts";

const PLAYWRIGHT = "1.65.1";
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** It asks nobody on the network for anything. */
const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** What the tests use of Playwright. */
export interface Chromium {
  newContext(options?: Readonly<Record<string, unknown>>): Promise<ChromiumContext>;
  close(): Promise<void>;
}
export interface ChromiumContext {
  newPage(): Promise<ChromiumPage>;
  newCDPSession(page: ChromiumPage): Promise<ChromiumSession>;
  close(): Promise<void>;
}
export interface ChromiumPage {
  goto(url: string): Promise<unknown>;
  url(): string;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  check(selector: string): Promise<void>;
  isVisible(selector: string): Promise<boolean>;
  textContent(selector: string): Promise<string | null>;
  waitForURL(url: RegExp): Promise<void>;
  waitForSelector(selector: string): Promise<unknown>;
  evaluate<T>(script: string): Promise<T>;
  on(event: "console", heard: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", heard: (error: Error) => void): void;
}
export interface ChromiumSession {
  // deno-lint-ignore no-explicit-any
  send(method: string, parameters?: unknown): Promise<any>;
}

/** Debian's Chromium and the package that drives it. */
export async function findNoChromium(): Promise<Obstacle> {
  if (await findExecutable() === undefined) return "needs Chromium";
  return await obtainPlaywright().then(() => undefined, () => "needs playwright-core");
}

/** Starts a browser that is closed afterwards. */
export async function withChromium(work: (chromium: Chromium) => Promise<void>): Promise<void> {
  const { chromium } = createRequire(import.meta.url)(await obtainPlaywright());
  const browser: Chromium = await chromium.launch({
    executablePath: await findExecutable(),
    args: ARGUMENTS,
  });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

async function findExecutable(): Promise<string | undefined> {
  for (const path of PLACES) {
    if (await Deno.stat(path).then(() => true, () => false)) return path;
  }
  return undefined;
}

async function obtainPlaywright(): Promise<string> {
  const dependencies = { "playwright-core": PLAYWRIGHT };
  const folder = await obtainKit({ name: "playwright", dependencies });
  return `${folder}/node_modules/playwright-core`;
}
