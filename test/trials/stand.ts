/** Where trials take place: a product, and ground in its simulated Azure for one batch after the other. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { providersOf, workspaceNamed } from '../support/orders.ts';
import { askArmAsOwner } from '../support/owner.ts';
import type { Product, ProductOptions } from '../support/product.ts';
import { askControl } from '../support/simulator-control.ts';
import { siteNumber, sitesPerSimulator, type Site } from './site.ts';

/**
 * Operations fly over their waits, and Azure's work is over before it is asked for: then each polls once,
 * and the exchanges of any two runs are the same.
 */
export const trialTime: ProductOptions = { virtualTime: false, pace: 1_000_000 };

export class Stand {
  readonly product: Product;
  #used = 0;

  constructor(product: Product) {
    this.product = product;
  }

  get simulator(): SimulatorFile {
    return this.product.stack.simulator;
  }

  /** Whether so many more sites fit in. */
  hasRoomFor(count: number): boolean {
    return this.#used + count <= sitesPerSimulator;
  }

  /** Its simulator's clock has run far ahead of the operations': there is room for nobody any more. */
  leave(): void {
    this.#used = sitesPerSimulator;
  }

  /** Makes ground for a batch; the probes' records lead to its workspaces, and to no others. */
  async newSites(count: number): Promise<Site[]> {
    const sites = Array.from({ length: count }, (_, index) =>
      siteNumber(this.simulator, this.#used + index),
    );
    this.#used += count;
    await this.#plantWorkspaces(sites);
    await this.#leadProbesTo(sites);
    return sites;
  }

  async #plantWorkspaces(sites: readonly Site[]): Promise<void> {
    const { location, resourceGroup } = this.simulator;
    const workspaces = sites.flatMap((site) =>
      site.workspaces.map((name) => ({ name, location: site.region })),
    );
    const seed = {
      location,
      resourceGroups: [{ name: resourceGroup }],
      workspaces,
      principals: [],
    };
    const file = join(this.product.dataFolder, 'sites.json');
    await writeFile(file, JSON.stringify(seed));
    await askControl(this.simulator, 'POST /seed', { name: file });
  }

  async #leadProbesTo(sites: readonly Site[]): Promise<void> {
    const path = `${providersOf(this.simulator)}/Microsoft.Insights/dataCollectionRules/dcr-probes?api-version=2024-03-11`;
    const rule = (await (await askArmAsOwner(this.simulator, 'GET', { path })).json()) as Rule;
    const logAnalytics = sites
      .flatMap(({ workspaces }) => workspaces)
      .map((name) => ({ name, workspaceResourceId: workspaceNamed(this.simulator, name) }));
    const destinations = logAnalytics.map(({ name }) => name);
    const { location, properties } = rule;
    const dataFlows = properties.dataFlows.map((flow) => ({ ...flow, destinations }));
    const body = {
      location,
      properties: { ...properties, destinations: { logAnalytics }, dataFlows },
    };
    const answer = await askArmAsOwner(this.simulator, 'PUT', { path, body });
    if (!answer.ok) throw new Error(`leading the probes: ${answer.status} ${await answer.text()}`);
  }
}

interface Rule {
  readonly location: string;
  readonly properties: { readonly dataFlows: readonly object[] };
}
