import { type PrefixRule, provider } from "./types.ts";

/** Credentials of package registries, build and delivery services. */
export const PACKAGES: readonly PrefixRule[] = [
  ...provider("npm", [["npm_token", "access token", "npm_", /npm_[A-Za-z0-9]{36}/y]]),
  ...provider("PyPI", [[
    "pypi_token",
    "upload token",
    "pypi-",
    /pypi-(?:AgEIcHlwaS5vcmc|AgENdGVzdC5weXBpLm9yZw)[\w-]{50,1000}/y,
  ]]),
  ...provider("RubyGems", [["rubygems_key", "API key", "rubygems_", /rubygems_[a-f0-9]{48}/y]]),
  ...provider("crates.io", [[
    "crates_io_token",
    "API token",
    "cio",
    /cio[A-Za-z0-9]{32}(?![A-Za-z0-9])/y,
    { edge: true, check: "mixed" },
  ]]),
  ...provider("NuGet", [["nuget_api_key", "API key", "oy2", /oy2[a-z0-9]{43}(?![a-z0-9])/y, {
    edge: true,
  }]]),
  ...provider("Docker", [
    ["docker_pat", "Hub personal access token", "dckr_pat_", /dckr_pat_[\w-]{27,40}/y],
    ["docker_oat", "Hub organization access token", "dckr_oat_", /dckr_oat_[\w-]{27,40}/y],
  ]),
  ...provider("JFrog", [
    ["artifactory_api_key", "Artifactory API key", "AKC", /AKC[a-zA-Z0-9]{60,75}(?![A-Za-z0-9])/y, {
      edge: true,
      check: "mixed",
    }],
    [
      "artifactory_reference_token",
      "Artifactory reference token",
      "cmVmdGtuO",
      /cmVmdGtuO[A-Za-z0-9]{50,60}/y,
    ],
    [
      "artifactory_reference_token",
      "Artifactory reference token",
      "cmVmd",
      /cmVmd[A-Za-z0-9]{59}(?![A-Za-z0-9])/y,
      { edge: true },
    ],
  ]),
  ...provider("Clojars", [["clojars_token", "deploy token", "CLOJARS_", /CLOJARS_[a-z0-9]{60}/iy]]),
  ...provider("Packagist", [[
    "packagist_token",
    "private registry token",
    "packagist_",
    /packagist_(?:uut|ack|acs|oc[a-z])_[a-f0-9]{60,80}/y,
  ]]),
  ...provider("JetBrains", [[
    "jetbrains_token",
    "Hub or Marketplace permanent token",
    "perm",
    /perm[:-][A-Za-z0-9+/=-]{4,80}\.[A-Za-z0-9+/=-]{2,80}\.[A-Za-z0-9]{20,60}/y,
    { edge: true },
  ]]),
  ...provider("CircleCI", [[
    "circleci_token",
    "API token",
    ["CCIPAT_", "CCIPRJ_"],
    /CCIP(?:AT|RJ)_[A-Za-z0-9]{20,24}_[a-f0-9]{40}/y,
  ]]),
  ...provider("Buildkite", [[
    "buildkite_token",
    "API or agent token",
    ["bkua_", "bkct_", "bkpt_"],
    /bk(?:ua|ct|pt)_[A-Za-z0-9]{30,64}/y,
  ]]),
  ...provider("Harness", [[
    "harness_token",
    "personal or service account token",
    ["pat.", "sat."],
    /[ps]at\.[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}/y,
    { edge: true },
  ]]),
  ...provider("Octopus Deploy", [[
    "octopus_api_key",
    "API key",
    "API-",
    /API-[A-Z0-9]{26,32}(?![A-Za-z0-9])/y,
    { edge: true, check: "mixed" },
  ]]),
  ...provider("Pulumi", [["pulumi_token", "access token", "pul-", /pul-[a-f0-9]{40}/y, {
    edge: true,
  }]]),
  ...provider("SonarQube", [[
    "sonar_token",
    "user, project or global analysis token",
    ["squ_", "sqp_", "sqa_", "sqb_"],
    /sq[upab]_[a-f0-9]{40}/y,
    { edge: true },
  ]]),
  ...provider("Snyk", [[
    "snyk_service_token",
    "service account token",
    ["snyk_sat.", "snyk_uat."],
    /snyk_[su]at\.[\w]{8}\.[\w.-]{30,300}/y,
  ]]),
  ...provider("Postman", [
    ["postman_api_key", "API key", "PMAK-", /PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}/y],
    ["postman_collection_key", "collection access key", "PMAT-", /PMAT-[A-Z0-9]{26}/y],
  ]),
  ...provider("Infracost", [["infracost_api_key", "API key", "ico-", /ico-[A-Za-z0-9]{32}/y, {
    edge: true,
  }]]),
  ...provider("Prefect", [[
    "prefect_token",
    "API token",
    ["pnu_", "pnb_"],
    /pn[ub]_[A-Za-z0-9]{36}/y,
    { edge: true },
  ]]),
  ...provider("Endor Labs", [["endor_labs_key", "API key", "endr+", /endr\+[\w-]{16}/y, {
    edge: true,
  }]]),
];
