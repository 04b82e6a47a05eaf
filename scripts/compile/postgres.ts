import { preparePrograms } from "../../src/postgres/postgres_files.ts";
import { fetchPackage } from "../../src/postgres/postgres_package.ts";

/** A folder with the embedded PostgreSQL as it runs: links applied, nothing that only developers need. */
export async function findPostgres(): Promise<string> {
  const { root } = await preparePrograms({ binaries: await fetchPackage() });
  return root;
}
