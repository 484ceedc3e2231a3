"""The deeds of a cluster's life by Azure's Python clients; prints what they saw as one JSON line.

Reads simulator.json's path from argv[1]; the way to the simulator is HTTPS_PROXY and REQUESTS_CA_BUNDLE.
"""

import json
import sys

from azure.identity import ClientSecretCredential
from azure.keyvault.keys import KeyClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

ENCRYPTION_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        simulator = json.load(file)
    keyturn = next(p for p in simulator["principals"] if p["name"] == "owner")
    tenant, subscription = simulator["tenantId"], simulator["subscriptionId"]
    group, location = simulator["resourceGroup"], simulator["location"]
    credential = ClientSecretCredential(tenant, keyturn["clientId"], keyturn["clientSecret"])
    logs = LogAnalyticsManagementClient(credential, subscription, polling_interval=1)
    vaults = KeyVaultManagementClient(credential, subscription, polling_interval=1)
    seen: dict[str, object] = {}

    cluster = logs.clusters.begin_create_or_update(
        group,
        "clu-python",
        {
            "location": location,
            "sku": {"name": "CapacityReservation", "capacity": 500},
            "identity": {"type": "SystemAssigned"},
        },
    ).result()
    seen["created"] = cluster.provisioning_state
    principal = cluster.identity.principal_id

    def policy(object_id: str, words: list[str]) -> dict[str, object]:
        return {"tenantId": tenant, "objectId": object_id, "permissions": {"keys": words}}

    vault = vaults.vaults.begin_create_or_update(
        group,
        "kv-python",
        {
            "location": location,
            "properties": {
                "tenantId": tenant,
                "sku": {"family": "A", "name": "standard"},
                "enablePurgeProtection": True,
                "enableRbacAuthorization": False,
                "accessPolicies": [
                    policy(keyturn["objectId"], ["all"]),
                    policy(principal, ["get", "wrapKey", "unwrapKey"]),
                ],
            },
        },
    ).result()
    seen["vault"] = vault.properties.vault_uri
    key = KeyClient(vault.properties.vault_uri, credential).create_rsa_key("key-python", size=2048)

    logs.clusters.begin_update(
        group,
        "clu-python",
        {
            "properties": {
                "keyVaultProperties": {
                    "keyVaultUri": vault.properties.vault_uri,
                    "keyName": key.name,
                    "keyVersion": key.properties.version,
                }
            }
        },
    ).result()
    bound = logs.clusters.get(group, "clu-python")
    seen["bound"] = bound.key_vault_properties.key_version == key.properties.version

    logs.linked_services.begin_create_or_update(
        group, "ws-audit", "cluster", {"properties": {"writeAccessResourceId": cluster.id}}
    ).result()
    workspace = logs.workspaces.get(group, "ws-audit")
    seen["linked"] = workspace.sku.name
    logs.linked_services.begin_delete(group, "ws-audit", "cluster").result()

    roles = AuthorizationManagementClient(credential, subscription)
    seen["roles"] = sorted(
        assignment.role_definition_id.rsplit("/", 1)[-1]
        for assignment in roles.role_assignments.list_for_scope(
            f"/subscriptions/{subscription}", filter=f"principalId eq '{keyturn['objectId']}'"
        )
    )
    seen["encryptionUser"] = roles.role_definitions.get(
        f"/subscriptions/{subscription}", ENCRYPTION_USER
    ).role_name

    logs.clusters.begin_delete(group, "clu-python").result()
    seen["left"] = [each.name for each in logs.clusters.list_by_resource_group(group)]
    print(json.dumps(seen))


main()
