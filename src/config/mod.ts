export {
  type ConfigSources,
  type Configuration,
  type LoadedConfiguration,
  parseConfiguration,
  type SourceFile,
} from "./configuration.ts";
export { type Profile, profileSchema } from "./profile.ts";
export { readConfigSources } from "./sources.ts";
