import { writeFileSync } from 'node:fs';
import { createApplication } from './application.ts';
import { parseConfig } from './config.ts';
import { createOpenApiDocument } from './http/openapi-document.ts';

/** Writes the committed document anew: it is made of the routes, so nothing has to be running. */
const app = await createApplication(
  parseConfig({ KEYTURN_TENANT_ID: '00000000-0000-0000-0000-000000000000', LOG_LEVEL: 'error' }),
);
await app.init();
writeFileSync('openapi.json', `${JSON.stringify(createOpenApiDocument(app), null, 2)}\n`);
await app.close();
