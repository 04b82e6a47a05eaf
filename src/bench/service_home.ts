import { join } from "node:path";
import { AppError } from "../kernel/errors.ts";

/** Copies a folder with everything in it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.writeFile(join(to, name), await Deno.readFile(join(from, name)));
  }
}

/** Sets how many calls a session may make in a window, before its role's multiplier. */
export async function limitCalls(services: string, callsPerWindow: number): Promise<void> {
  const path = join(services, "governance", "limits.yaml");
  const text = await Deno.readTextFile(path);
  const changed = text.replace(/^( *per_window: )\d+/m, `$1${callsPerWindow}`);
  if (changed === text && !text.includes(`per_window: ${callsPerWindow}`)) {
    throw new AppError("invalid", `There is no "per_window" in "${path}"`);
  }
  await Deno.writeTextFile(path, changed);
}

/** A profile of the home's own: quiet, and with the given number of gateways. */
export async function writeProfile(
  home: string,
  { services, gateways }: { readonly services: string; readonly gateways: number | undefined },
): Promise<void> {
  const folder = join(home, "profiles", "local");
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const lines = [
    "name: local",
    `services: ${JSON.stringify(services)}`,
    "log: { level: warn }",
    ...gateways === undefined ? [] : [`server: { gateways: ${gateways} }`],
  ];
  await Deno.writeTextFile(join(folder, "profile.yaml"), lines.join("\n") + "\n");
}
