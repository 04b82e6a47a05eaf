export { didYouMean, suggest } from "../kernel/suggest.ts";
