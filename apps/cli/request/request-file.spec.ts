import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { provisionBody } from '#libs/contracts/http/provision-body.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseRequest, readRequestFile } from './request-file.ts';
import { withFullNames } from './short-names.ts';

const noInput = () => '';
const invalid = { exitCode: exitCodes.invalid };

function thrownBy(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('a request file', () => {
  it('may be YAML', () => {
    expect(parseRequest('cluster:\n  name: a # mine\n', 'x.yaml')).toEqual({
      cluster: { name: 'a' },
    });
  });

  it('may be JSON', () => {
    expect(parseRequest('{"capacityGbPerDay": 500}', 'x.json')).toEqual({ capacityGbPerDay: 500 });
  });

  it('may be standard input', () => {
    expect(readRequestFile('-', () => 'region: westeurope')).toEqual({ region: 'westeurope' });
  });

  it('is refused with the place of the slip', () => {
    const error = thrownBy(() => parseRequest('a: b\nc: [1\n', 'x.yaml'));
    expect(error).toMatchObject(invalid);
    expect(String(error)).toMatch(/reading x\.yaml: .*line \d/u);
  });

  it.each(['', '- a', 'text'])('is refused when it holds no object: %j', (text) => {
    expect(thrownBy(() => parseRequest(text, 'x'))).toMatchObject(invalid);
  });

  it('is refused when it leans on what is not there', () => {
    expect(thrownBy(() => parseRequest('a: *b', 'x'))).toMatchObject(invalid);
  });

  it('is refused when there is none', () => {
    expect(thrownBy(() => readRequestFile('/nowhere/x.yaml', noInput))).toMatchObject(invalid);
  });
});

describe('the example', () => {
  it('is a good request once the subscription is known', () => {
    const path = join(import.meta.dirname, '../../../examples/provision.yaml');
    const subscription = '11111111-1111-4111-8111-111111111111';
    const request = withFullNames(readRequestFile(path, noInput), subscription);
    expect(provisionBody.safeParse(request).error).toBeUndefined();
  });
});
