export {
  type ConfigSources,
  type Configuration,
  type LoadedConfiguration,
  parseConfiguration,
  type SourceFile,
} from "./configuration.ts";
export { readConfigSources } from "./sources.ts";
