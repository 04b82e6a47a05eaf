/** What tests share. Databases: `databaseForFile()`, or `withDatabase()` where a test needs one of its own. */
export {
  createTestDatabase,
  databaseForFile,
  type TestDatabase,
  type TestDatabaseOptions,
  urlOf,
  withDatabase,
} from "./test_database.ts";
export { findTestServer, type TestServer } from "./test_server.ts";
