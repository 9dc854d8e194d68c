import { describe, expect, it } from 'vitest';
import { lastNight } from '../src/model/last_night';
import type { Fire } from '../src/model/schedule';

const kNow = Date.parse('2026-11-23T08:00:00Z');

function fire(at: string, rest: Partial<Fire>): Fire {
  return { schedule: 'nightly', nominal_at: at, recorded_at: at, folded: 1, ...rest };
}

describe('the last night of a schedule', () => {
  it('is that of today, or of yesterday where today nothing was due', () => {
    const fires = [
      fire('2026-11-22T02:00:00Z', { run: 'a', state: 'succeeded' }),
      fire('2026-11-21T02:00:00Z', { run: 'b', state: 'failed' }),
    ];
    expect(lastNight(fires, 'UTC', kNow)).toEqual({ date: '2026-11-22', kind: 'ran', run: 'a', words: 'ran' });
    const today = [fire('2026-11-23T02:00:00Z', { skipped: 'overlap', reason: 'a run had not ended' }), ...fires];
    expect(lastNight(today, 'UTC', kNow)?.words).toBe('skipped: a run had not ended');
  });

  it('is none where nothing was due for two days', () => {
    expect(lastNight([fire('2026-11-20T02:00:00Z', { run: 'a' })], 'UTC', kNow)).toEqual({
      date: '2026-11-23',
      kind: 'none',
      words: 'nothing was due',
    });
  });
});
