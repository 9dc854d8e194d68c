// Something asked of the API, as a signal: loading, failed or ready. A reload that fails keeps what was there
// and says so, rather than blanking the page.
import { type Signal, signal } from '@preact/signals';
import type { Answer } from '../api/client';
import type { Problem } from '../model/problem';

export type Load<T> =
  | { status: 'loading' }
  | { status: 'failed'; problem: Problem }
  | { status: 'ready'; value: T; stale?: Problem };

export interface Loader<T> {
  now: Signal<Load<T>>;
  reload(): Promise<void>;
  stop(): void;
}

export function loader<T>(ask: () => Promise<Answer<T>> | undefined): Loader<T> {
  const now = signal<Load<T>>({ status: 'loading' });
  let asked = 0;
  return {
    now,
    async reload() {
      const mine = ++asked;
      const answer = await ask();
      if (answer === undefined || mine !== asked) return; // a later question, or none any more
      if (answer.ok) now.value = { status: 'ready', value: answer.value };
      else if (now.value.status === 'ready') now.value = { ...now.value, stale: answer.problem };
      else now.value = { status: 'failed', problem: answer.problem };
    },
    stop() {
      asked++;
    },
  };
}
