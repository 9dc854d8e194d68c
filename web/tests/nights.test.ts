import { describe, expect, it } from 'vitest';
import { nights } from '../src/model/nights';
import type { Fire } from '../src/model/schedule';

const kNow = Date.parse('2026-11-23T18:00:00Z');

function fire(at: string, rest: Partial<Fire>): Fire {
  return { schedule: 'nightly', nominal_at: at, recorded_at: at, folded: 1, ...rest };
}

describe('the last nights of a schedule', () => {
  it('are thirty days of its own zone, today last', () => {
    const days = nights([], new Map(), 'Europe/Berlin', kNow);
    expect(days).toHaveLength(30);
    expect(days[29]).toEqual({ date: '2026-11-23', kind: 'none', words: 'nothing was due' });
    expect(nights([], new Map(), 'Pacific/Auckland', kNow)[29]?.date).toBe('2026-11-24');
  });

  it('say what ran, what was skipped and why, and what failed', () => {
    const days = nights(
      [
        fire('2026-11-22T23:30:00Z', { run: 'a' }),
        fire('2026-11-21T23:30:00Z', { run: 'b' }),
        fire('2026-11-20T23:30:00Z', { skipped: 'daemon_down', reason: 'the daemon was not running' }),
        fire('2026-11-19T23:30:00Z', { run: 'c' }),
      ],
      new Map([
        ['a', 'running'],
        ['b', 'timed_out'],
        ['c', 'partly'],
      ]),
      'Europe/Berlin',
      kNow,
    );
    expect(days.slice(26)).toEqual([
      { date: '2026-11-20', kind: 'ran', run: 'c', words: 'ran' },
      { date: '2026-11-21', kind: 'skipped', words: 'skipped: the daemon was not running' },
      { date: '2026-11-22', kind: 'failed', run: 'b', words: 'did not end well: timed_out' },
      { date: '2026-11-23', kind: 'open', run: 'a', words: 'not ended yet' },
    ]);
  });

  it('hide no failure behind the others of a day', () => {
    const day = nights(
      [
        fire('2026-11-23T03:00:00Z', { skipped: 'overlap', reason: 'the previous run has not ended', folded: 3 }),
        fire('2026-11-23T02:00:00Z', { run: 'b' }),
        fire('2026-11-23T01:00:00Z', { run: 'a' }),
      ],
      new Map([
        ['a', 'succeeded'],
        ['b', 'failed'],
      ]),
      'UTC',
      kNow,
    )[29];
    expect(day?.kind).toBe('failed');
    expect(day?.run).toBe('b');
    expect(day?.words).toBe('1 ran, 1 did not end well: failed, 3 skipped: the previous run has not ended');
  });
});
