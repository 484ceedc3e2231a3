/** What a body has to look like, as far as it is looked at: members may be absent or null, others are passed over. */
export type Shape =
  | 'text'
  | 'number'
  | 'flag'
  /** An object whose members are all texts, such as tags. */
  | 'texts'
  | readonly [Shape]
  | { readonly [member: string]: Shape };

/** The path of the first member that is of another kind; empty for the body itself, undefined when all fits. */
export function misfit(value: unknown, shape: Shape, path = ''): string | undefined {
  if (shape === 'text') return typeof value === 'string' ? undefined : path;
  if (shape === 'number') return Number.isFinite(value) ? undefined : path;
  if (shape === 'flag') return typeof value === 'boolean' ? undefined : path;
  if (isList(shape)) {
    if (!Array.isArray(value)) return path;
    return firstOf(value.map((each, index) => misfit(each, shape[0], `${path}[${index}]`)));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return path;
  if (shape === 'texts') {
    const odd = Object.entries(value).find(([, each]) => typeof each !== 'string');
    return odd && join(path, odd[0]);
  }
  return firstOf(
    Object.entries(shape).map(([name, wanted]) => {
      const member: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
      return member === undefined || member === null
        ? undefined
        : misfit(member, wanted, join(path, name));
    }),
  );
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function firstOf(paths: readonly (string | undefined)[]): string | undefined {
  return paths.find((path) => path !== undefined);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
