import { AzureFault } from '../../azure-fault.ts';

/** A request that the vault provider understands and refuses. */
export function badVaultRequest(message: string): AzureFault {
  return new AzureFault(400, { code: 'BadRequest', message });
}

/** The name is not one a vault can have. */
export function vaultNameNotValid(name: string): AzureFault {
  return new AzureFault(400, {
    code: 'VaultNameNotValid',
    message: `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742`,
  });
}

/** Another vault, maybe in another subscription, has the name. */
export function vaultAlreadyExists(name: string): AzureFault {
  return new AzureFault(409, {
    code: 'VaultAlreadyExists',
    message: `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken.`,
  });
}

/** The name is held by a soft-deleted vault. */
export function nameHeldByDeletedVault(): AzureFault {
  return new AzureFault(409, {
    code: 'ConflictError',
    message:
      'A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.',
  });
}

export function vaultNotFound(name: string, resourceGroup: string): AzureFault {
  return new AzureFault(404, {
    code: 'ResourceNotFound',
    message: `The Resource 'Microsoft.KeyVault/vaults/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  });
}

export function deletedVaultNotFound(name: string): AzureFault {
  return new AzureFault(404, {
    code: 'DeletedVaultNotFound',
    message: `The specified deleted vault '${name}' does not exist.`,
  });
}

/** The vault stands in another region than the request says. */
export function otherLocation(vault: {
  name: string;
  location: string;
  resourceGroup: string;
}): AzureFault {
  return new AzureFault(409, {
    code: 'InvalidResourceLocation',
    message: `The resource '${vault.name}' already exists in location '${vault.location}' in resource group '${vault.resourceGroup}'. A resource with the same name cannot be created in another location. Please select a new resource name.`,
  });
}
