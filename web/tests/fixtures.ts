// The examples that the daemon's own wire test reads too.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const kFolder = fileURLToPath(new URL('../../tests/data/api/', import.meta.url));

export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(`${kFolder}${name}.json`, 'utf8'));
}

export function fixtureNames(): string[] {
  return readdirSync(kFolder).map((file) => basename(file, '.json'));
}
