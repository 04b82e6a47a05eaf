import { context, type ContextRule } from "./types.ts";

const UUID = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/;
const HEX32 = /[a-f0-9]{32}/i;
const HEX40 = /[a-f0-9]{40}/i;
const HEX64 = /[a-f0-9]{64}/i;
const ALNUM32 = /[a-z0-9]{32}/i;

/** Infrastructure providers whose credentials are told by the name of their key. */
export const CONTEXT_CLOUD: readonly ContextRule[] = [
  context("AWS", ["aws", "amazon", "secretaccesskey", "s3secret"], [
    ["aws_secret_access_key", "secret access key", /[A-Za-z0-9/+]{40}/],
    ["aws_session_token", "session token", /[A-Za-z0-9/+]{100,2000}={0,2}/],
  ]),
  context("Microsoft Azure", ["azure", "armclient"], [
    ["azure_subscription_key", "cognitive services or API key", /[a-f0-9]{32}|[A-Za-z0-9]{84}/],
    ["azure_storage_key", "storage account key", /[A-Za-z0-9+/]{86}==/],
    ["azure_devops_pat", "Azure DevOps personal access token", /[a-z2-7]{52}/],
    ["azure_client_secret", "application secret", /[A-Za-z0-9_~.\-]{32,44}/],
  ]),
  context("Google", ["gcp", "google", "privatekeyid"], [
    ["gcp_private_key_id", "service account key id", HEX40],
    ["google_client_secret", "client secret", /[A-Za-z0-9_-]{24}/],
  ]),
  context("Alibaba Cloud", ["alibaba", "aliyun"], [
    ["alibaba_secret_key", "access key secret", /[a-z0-9]{30}/i],
  ]),
  context("Tencent Cloud", ["tencent", "qcloud"], [
    ["tencent_secret_key", "API secret key", /[A-Za-z0-9]{32}/],
  ]),
  context("IBM Cloud", ["ibm", "ibmcloud", "watson"], [
    ["ibm_cloud_api_key", "API key", /[A-Za-z0-9_-]{44}/],
  ]),
  context("Linode", ["linode"], [["linode_token", "personal access token", HEX64]]),
  context("Hetzner", ["hetzner", "hcloud"], [["hetzner_token", "API token", /[A-Za-z0-9]{64}/]]),
  context("Scaleway", ["scaleway", "scw"], [["scaleway_secret_key", "secret key", UUID]]),
  context("Vultr", ["vultr"], [["vultr_api_key", "API key", /[A-Z0-9]{36}/]]),
  context("OVH", ["ovh"], [["ovh_secret", "application or consumer secret", /[A-Za-z0-9]{16,32}/]]),
  context("DigitalOcean", ["digitalocean", "spaces"], [
    ["digitalocean_spaces_key", "Spaces key or secret", /[A-Z0-9]{20}|[A-Za-z0-9/+]{43}/],
  ]),
  context("Heroku", ["heroku"], [["heroku_api_key", "API key", UUID]]),
  context("Cloudflare", ["cloudflare", "cftoken", "cfapi"], [
    ["cloudflare_global_api_key", "global API key", /[a-f0-9]{37}/],
    ["cloudflare_api_token", "API token", /[A-Za-z0-9_-]{40}/],
  ]),
  context("Fastly", ["fastly"], [["fastly_api_token", "API token", /[\w=-]{32}/]]),
  context("Netlify", ["netlify"], [["netlify_access_token", "access token", /[\w=-]{40,46}/]]),
  context("Vercel", ["vercel"], [["vercel_access_token", "access token", /[A-Za-z0-9]{24}/]]),
  context("Railway", ["railway"], [["railway_token", "API token", UUID]]),
  context("ngrok", ["ngrok"], [[
    "ngrok_authtoken",
    "authtoken or API key",
    /[A-Za-z0-9]{22,32}_[A-Za-z0-9]{18,24}/,
  ]]),
  context("WireGuard", ["privatekey", "presharedkey", "wireguard"], [
    ["wireguard_key", "private or preshared key", /[A-Za-z0-9+/]{42}[AEIMQUYcgkosw480]=/],
  ]),
  context("HashiCorp", ["vault"], [[
    "vault_legacy_token",
    "Vault token (older form)",
    /s\.[A-Za-z0-9]{24}/,
  ]]),
  context("HashiCorp", ["consul", "nomad"], [["consul_token", "Consul or Nomad ACL token", UUID]]),
  context("Cisco Meraki", ["meraki"], [["meraki_api_key", "API key", HEX40]]),
  context("Confluent", ["confluent"], [
    ["confluent_access_token", "API key", /[A-Za-z0-9]{16}/],
    ["confluent_secret_key", "API secret", /[A-Za-z0-9+/]{64}/],
  ]),
  context("MongoDB Atlas", ["mongodb", "atlas"], [[
    "mongodb_atlas_key",
    "programmatic API key",
    UUID,
  ]]),
  context("Upstash", ["upstash"], [["upstash_token", "REST token", /[A-Za-z0-9_=-]{30,120}/]]),
  context("Elastic", ["elastic", "elasticsearch"], [[
    "elastic_api_key",
    "API key",
    /[A-Za-z0-9+/_-]{58,62}={0,2}/,
  ]]),
  context("InfluxDB", ["influx", "influxdb"], [["influxdb_token", "API token", /[\w-]{86}==/]]),
  context("JFrog", ["jfrog", "artifactory", "bintray", "xray"], [
    ["jfrog_api_key", "API key", /[A-Za-z0-9]{73}/],
    ["jfrog_identity_token", "identity token", /[A-Za-z0-9]{64}/],
  ]),
  context("Cloudsmith", ["cloudsmith"], [["cloudsmith_api_key", "API key", HEX40]]),
  context("Kubernetes", ["kubernetes", "kubeadm", "k8s"], [[
    "kubeadm_token",
    "bootstrap token",
    /[a-z0-9]{6}\.[a-z0-9]{16}/,
  ]]),
  context("Docker", ["dockerhub", "docker"], [["docker_hub_token", "access token", UUID]]),
  context("Gitea", ["gitea", "forgejo", "codeberg"], [["gitea_token", "access token", HEX40]]),
  context("GitHub", ["github"], [[
    "github_legacy_token",
    "token (older form)",
    /[a-f0-9]{40}|[a-f0-9]{20}/,
  ]]),
  context("Bitbucket", ["bitbucket"], [
    ["bitbucket_client_id", "OAuth client id", ALNUM32],
    ["bitbucket_client_secret", "OAuth client secret", /[\w=-]{64}/i],
  ]),
  context("Travis CI", ["travis"], [["travisci_token", "access token", /[A-Za-z0-9_-]{22}/]]),
  context("Drone", ["droneci", "drone"], [["drone_token", "access token", ALNUM32]]),
  context("CircleCI", ["circleci", "circle"], [[
    "circleci_legacy_token",
    "API token (older form)",
    HEX40,
  ]]),
  context("Codecov", ["codecov"], [[
    "codecov_token",
    "upload token",
    /[a-z0-9]{32}|[0-9a-f]{8}-[0-9a-f-]{27}/i,
  ]]),
  context("Snyk", ["snyk"], [["snyk_token", "API token", UUID]]),
  context("SonarQube", ["sonar", "sonarqube", "sonarcloud"], [[
    "sonar_legacy_token",
    "token",
    /[a-f0-9]{40}|[\w=-]{40}/i,
  ]]),
  context("Sourcegraph", ["sourcegraph"], [[
    "sourcegraph_legacy_token",
    "access token (older form)",
    HEX40,
  ]]),
  context("Sidekiq", ["contribsys"], [[
    "sidekiq_credential",
    "gem server credential",
    /[a-f0-9]{8}:[a-f0-9]{8}/i,
  ]]),
  context("RapidAPI", ["rapidapi"], [["rapidapi_key", "API key", /[A-Za-z0-9_-]{50}/]]),
  context("Algolia", ["algolia"], [["algolia_api_key", "API key", HEX32], [
    "algolia_api_key_any",
    "API key",
    ALNUM32,
  ]]),
];
