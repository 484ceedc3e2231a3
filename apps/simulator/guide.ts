import { dirname, join } from 'node:path';
import { namedSeeds } from './seeds/named-seeds.ts';
import type { SimulatorDescription } from './start.ts';

/** How a person points the tools of Azure at a running simulator: lines for a shell, with nothing left to fill in. */
export function guideTo(description: SimulatorDescription): string {
  const { proxyPort, controlPort, caFile, tenantId, subscriptionId, principals } = description;
  const owner = principals.find(({ name }) => name === 'owner') ?? principals[0];
  const { clientId = '', clientSecret = '' } = owner ?? {};
  const proxy = `http://127.0.0.1:${proxyPort}`;
  const curl = `curl -sS --proxy ${proxy} --cacert ${caFile}`;
  return `
Azure is played on this machine until Ctrl-C, under its own names. Everybody's ids and secrets:
  ${join(dirname(caFile), 'simulator.json')}

# For every tool, in a shell of its own:
export HTTPS_PROXY=${proxy}

# az, and the SDKs for Python
export REQUESTS_CA_BUNDLE=${caFile} AZURE_CONFIG_DIR=$(mktemp -d)
az login --service-principal -u ${clientId} -p ${clientSecret} --tenant ${tenantId}
az monitor log-analytics workspace list -o table

# SDKs: DefaultAzureCredential finds these; for JavaScript the CA beside them
export AZURE_TENANT_ID=${tenantId} AZURE_CLIENT_ID=${clientId}
export AZURE_CLIENT_SECRET=${clientSecret}
export NODE_EXTRA_CA_CERTS=${caFile}

# Terraform, and whatever else is written in Go; in the provider: resource_provider_registrations = "none"
export SSL_CERT_FILE=${caFile}
export ARM_TENANT_ID=${tenantId} ARM_SUBSCRIPTION_ID=${subscriptionId}
export ARM_CLIENT_ID=${clientId} ARM_CLIENT_SECRET=${clientSecret}

# curl
TOKEN=$(${curl} https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token \\
  -d grant_type=client_credentials -d client_id=${clientId} -d client_secret=${clientSecret} \\
  -d scope=https://management.azure.com/.default | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
${curl} -H "Authorization: Bearer $TOKEN" \\
  'https://management.azure.com/subscriptions/${subscriptionId}/resourceGroups?api-version=2021-04-01'

# What has been asked and answered; another situation (${Object.keys(namedSeeds).join(', ')})
curl -sS http://127.0.0.1:${controlPort}/exchanges
curl -sS http://127.0.0.1:${controlPort}/seed -d '{"name": "brownfield"}'

`;
}
