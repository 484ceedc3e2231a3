import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { problemMediaType } from '#libs/contracts/http/problem.ts';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The document of the running API, made of its routes and the contract's schemas. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setTitle('Keyturn')
    .setDescription(
      'Carries customer-managed keys of Azure Monitor dedicated clusters through their whole life. ' +
        'Answers that are no answers are problems (RFC 9457) with a stable code and a remedy.',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', '')
    .addBearerAuth()
    .build();
  return withProblemMediaType(SwaggerModule.createDocument(app, settings));
}

/** Serves the document at /openapi.json and as a page at /docs, without anything from outside. */
export function serveOpenApiDocument(app: INestApplication): void {
  SwaggerModule.setup('docs', app, createOpenApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Keyturn API',
  });
}

/** The library knows one media type for all answers of a route; problems have their own. */
function withProblemMediaType(document: OpenAPIObject): OpenAPIObject {
  const routes = Object.values(document.paths).flatMap((path) => [path.get, path.post]);
  for (const route of routes) {
    for (const [status, answer] of Object.entries(route?.responses ?? {})) {
      if (!status.endsWith('XX') || answer === undefined || !('content' in answer)) continue;
      const [media] = Object.values(answer.content ?? {});
      if (media !== undefined) answer.content = { [problemMediaType]: media };
    }
  }
  return document;
}
