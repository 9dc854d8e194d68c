import { describe, expect, it } from 'vitest';
import { loader } from '../src/state/load';

describe('a question that needs the answer to another one first', () => {
  it('is loading, and nobody waits for it', async () => {
    const later = loader<number>(() => undefined);
    await later.reload();
    expect(later.now.value).toEqual({ status: 'loading' });
  });

  it('keeps what was there', async () => {
    const answers = [Promise.resolve({ ok: true as const, value: 7 }), undefined];
    const once = loader<number>(() => answers.shift());
    await once.reload();
    await once.reload();
    expect(once.now.value).toEqual({ status: 'ready', value: 7 });
  });
});
