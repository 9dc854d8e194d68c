// The layers of the page, held by their imports: model < api < state < views < main.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const kRoot = fileURLToPath(new URL('../src/', import.meta.url));
const kLayers = ['model', 'api', 'state', 'views', 'main.tsx'];
const kFrom = /(?:^|\n)(?:import|export)\s[^;]*?from '([^']+)'/g;

function files(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? files(path) : [path]))
    .filter((path) => /\.tsx?$/.test(path));
}

function layerOf(path: string): number {
  return kLayers.indexOf(relative(kRoot, path).split('/')[0] as string);
}

const sources = files(kRoot).map((path) => ({ path, name: relative(kRoot, path), text: readFileSync(path, 'utf8') }));

function faults(rule: (source: (typeof sources)[number]) => string[]): string[] {
  return sources.flatMap(rule);
}

describe('the layers', () => {
  it('look only downwards', () => {
    const wrong = faults(({ path, name, text }) =>
      [...text.matchAll(kFrom)]
        .map((found) => found[1] as string)
        .filter((from) => from.startsWith('.'))
        .filter((from) => layerOf(normalize(join(dirname(path), from))) > layerOf(path))
        .map((from) => `${name} imports ${from}`),
    );
    expect(wrong).toEqual([]);
    expect(sources.every((s) => layerOf(s.path) >= 0)).toBe(true);
  });

  it('fetch in one file and stream in another', () => {
    expect(faults(({ name, text }) => (/\bfetch\(/.test(text) ? [name] : []))).toEqual(['api/client.ts']);
    expect(faults(({ name, text }) => (/new EventSource\(/.test(text) ? [name] : []))).toEqual(['api/events.ts']);
  });

  it('keep the model pure: no page, no clock, no chance', () => {
    const impure = /\b(document|window|location|localStorage|fetch|Date\.now|Math\.random|setTimeout)\b/;
    expect(faults(({ name, text }) => (name.startsWith('model/') && impure.test(text) ? [name] : []))).toEqual([]);
  });

  it('never put text where markup is read', () => {
    const markup = /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write/;
    expect(faults(({ name, text }) => (markup.test(text) ? [name] : []))).toEqual([]);
  });
});
