/** People from files and to files, CSV and JSON. Loads a CSV parser: only what needs it comes in here. */
export { cellsOf, csvLine } from "./csv.ts";
export {
  type Existing,
  type Imported,
  type ImportOptions,
  importPeople,
  type PeopleFormat,
} from "./import_people.ts";
export { type Column, COLUMNS, type FileProblem, INFORMATIVE, type PersonText } from "./person.ts";
export { decodeFile, MAX_FILE_BYTES } from "./text.ts";
