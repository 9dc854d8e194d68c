// Small decoders from `unknown` to types: what does not fit the API's description is refused with the path to it,
// and unknown fields are ignored, as the API may add some.

export type Decoder<T> = (value: unknown, path: string) => T;

export class DecodeError extends Error {
  constructor(
    readonly path: string,
    readonly words: string,
  ) {
    super(`${path || 'the answer'}: ${words}`);
  }
}

function refuse(path: string, wanted: string, value: unknown): never {
  const got = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  throw new DecodeError(path, `${wanted} expected, ${got} found`);
}

// What a part refused, seen from the whole. A path is put together only then: a long answer has a hundred thousand of them.
function within(error: unknown, path: string, part: string | number): unknown {
  return error instanceof DecodeError ? new DecodeError(`${path}/${part}${error.path}`, error.words) : error;
}

export const text: Decoder<string> = (value, path) => (typeof value === 'string' ? value : refuse(path, 'text', value));

export const number: Decoder<number> = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(path, 'a number', value);

export const flag: Decoder<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, 'true or false', value);

export function list<T>(item: Decoder<T>): Decoder<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) refuse(path, 'a list', value);
    const out: T[] = [];
    try {
      for (const each of value) out.push(item(each, ''));
    } catch (error) {
      throw within(error, path, out.length);
    }
    return out;
  };
}

// Left for another decoder.
export const unread: Decoder<unknown> = (value) => value;

// As `list`, each in a task of its own: thousands of rows at once would keep the browser from answering.
export async function inTasks<T>(items: unknown[], item: Decoder<T>, path: string): Promise<T[]> {
  const out: T[] = [];
  for (const [i, each] of items.entries()) {
    if (i > 0) await new Promise((next) => setTimeout(next));
    out.push(item(each, `${path}/${i}`));
  }
  return out;
}

export function map<T>(item: Decoder<T>): Decoder<Record<string, T>> {
  return (value, path) =>
    Object.fromEntries(Object.entries(fields(value, path)).map(([key, each]) => [key, item(each, `${path}/${key}`)]));
}

export const pair: Decoder<[number, number]> = (value, path) => {
  const [low, high, ...rest] = list(number)(value, path);
  return low === undefined || high === undefined || rest.length > 0 ? refuse(path, 'two numbers', value) : [low, high];
};

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];
type RequiredKeys<T> = Exclude<keyof T, OptionalKeys<T>>;
type Required<T> = { [K in RequiredKeys<T>]: Decoder<T[K]> };
type Optional<T> = { [K in OptionalKeys<T>]-?: Decoder<Exclude<T[K], undefined>> };

// Every field of T stands in one of the two shapes: the compiler sees to it.
export function object<T>(required: Required<T>, optional: Optional<T>): Decoder<T> {
  const must = Object.entries(required) as [string, Decoder<unknown>][];
  const may = Object.entries(optional) as [string, Decoder<unknown>][];
  return (value, path) => {
    const from = fields(value, path);
    const out: Record<string, unknown> = {};
    let at = '';
    try {
      for (const [key, decode] of must) {
        at = key;
        out[key] = decode(from[key], '');
      }
      for (const [key, decode] of may) {
        at = key;
        if (from[key] !== undefined) out[key] = decode(from[key], '');
      }
    } catch (error) {
      throw within(error, path, at);
    }
    return out as T;
  };
}

function fields(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, 'an object', value);
  return value as Record<string, unknown>;
}
