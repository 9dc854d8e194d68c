import { type Kind, work } from './work.js';

/** What a worker thread runs. */
export default function run({ kind, n }: { kind: Kind; n: number }): string {
  return work(kind, n);
}
