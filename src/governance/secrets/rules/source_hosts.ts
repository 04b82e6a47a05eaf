import { type PrefixRule, provider } from "./types.ts";

/** Credentials of places that host source code. */
export const SOURCE_HOSTS: readonly PrefixRule[] = [
  ...provider("GitHub", [
    ["github_pat", "personal access token (classic)", "ghp_", /ghp_[A-Za-z0-9]{36,255}/y],
    ["github_oauth_token", "OAuth access token", "gho_", /gho_[A-Za-z0-9]{36,255}/y],
    ["github_user_token", "user-to-server token", "ghu_", /ghu_[A-Za-z0-9]{36,255}/y],
    ["github_server_token", "server-to-server token", "ghs_", /ghs_[A-Za-z0-9]{36,255}/y],
    ["github_refresh_token", "refresh token", "ghr_", /ghr_[A-Za-z0-9]{36,255}/y],
    [
      "github_fine_grained_pat",
      "fine-grained personal access token",
      "github_pat_",
      /github_pat_[A-Za-z0-9_]{36,255}/y,
    ],
  ]),
  ...provider("GitLab", [
    ["gitlab_pat", "personal access token", "glpat-", /glpat-[\w-]{20,300}(?:\.[\w]{2,30}){0,2}/y],
    ["gitlab_deploy_token", "deploy token", "gldt-", /gldt-[\w-]{20,64}/y],
    [
      "gitlab_runner_token",
      "runner authentication token",
      ["glrt-", "glrtr-"],
      /glrtr?-(?:t\d_)?[\w-]{20,300}(?:\.[\w]{2,30}){0,2}/y,
    ],
    ["gitlab_ci_job_token", "CI job token", "glcbt-", /glcbt-(?:[A-Za-z0-9]{1,5}_)?[\w-]{20,64}/y],
    ["gitlab_trigger_token", "pipeline trigger token", "glptt-", /glptt-[\w-]{20,64}/y],
    ["gitlab_feed_token", "feed token", "glft-", /glft-[\w-]{20,64}/y],
    ["gitlab_incoming_mail_token", "incoming mail token", "glimt-", /glimt-[\w-]{20,64}/y],
    ["gitlab_agent_token", "agent for Kubernetes token", "glagent-", /glagent-[\w-]{40,128}/y],
    ["gitlab_oauth_secret", "OAuth application secret", "gloas-", /gloas-[\w-]{40,128}/y],
    ["gitlab_scim_token", "SCIM token", "glsoat-", /glsoat-[\w-]{20,64}/y],
    ["gitlab_feature_flag_token", "feature flags client token", "glffct-", /glffct-[\w-]{20,64}/y],
    ["gitlab_workspace_token", "workspace token", "glwt-", /glwt-[\w-]{20,64}/y],
    [
      "gitlab_registration_token",
      "runner registration token",
      "GR1348941",
      /GR1348941[\w-]{20,64}/y,
    ],
    [
      "gitlab_session_cookie",
      "session cookie",
      "_gitlab_session=",
      /_gitlab_session=([0-9a-f]{32})/dy,
    ],
  ]),
  ...provider("Atlassian", [
    [
      "atlassian_api_token",
      "API token",
      "ATATT3",
      /ATATT3[A-Za-z0-9_\-=]{60,300}/y,
    ],
    ["bitbucket_access_token", "Bitbucket access token", "ATCTT3", /ATCTT3[\w\-=]{60,300}/y],
    ["bitbucket_app_password", "Bitbucket app password", "ATBB", /ATBB[A-Za-z0-9]{28,40}/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
  ...provider("Microsoft", [
    [
      "azure_devops_pat",
      "Azure DevOps personal access token",
      "AZDO",
      /[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/y,
      { edge: true, lead: { of: "alnum", max: 76, exact: true } },
    ],
  ]),
  ...provider("Sourcegraph", [
    [
      "sourcegraph_token",
      "access token",
      "sgp_",
      /sgp_(?:(?:[a-fA-F0-9]{16}|local)_)?[a-fA-F0-9]{40}/y,
    ],
    [
      "sourcegraph_cody_token",
      "Cody gateway or licence token",
      ["slk_", "sgd_"],
      /(?:slk|sgd)_[a-f0-9]{64}/y,
    ],
  ]),
];
