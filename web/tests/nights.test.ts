import { describe, expect, it } from 'vitest';
import { kMostFires, nights } from '../src/model/nights';
import type { Fire } from '../src/model/schedule';

const kNow = Date.parse('2026-11-23T18:00:00Z');

function fire(at: string, rest: Partial<Fire>): Fire {
  return { schedule: 'nightly', nominal_at: at, recorded_at: at, folded: 1, ...rest };
}

describe('the last nights of a schedule', () => {
  it('are thirty days of its own zone, today last', () => {
    const days = nights([], 'Europe/Berlin', kNow);
    expect(days).toHaveLength(30);
    expect(days[29]).toEqual({ date: '2026-11-23', kind: 'none', words: 'nothing was due' });
    expect(nights([], 'Pacific/Auckland', kNow)[29]?.date).toBe('2026-11-24');
  });

  it('leave out no day where the clocks change, and show none twice', () => {
    for (const [now, first] of [
      ['2026-03-29T22:30:00Z', '2026-03-01'], // 00:30 the day after one of 23 hours
      ['2026-10-25T22:30:00Z', '2026-09-26'], // 23:30 of a day of 25 hours
    ] as const) {
      const dates = nights([], 'Europe/Berlin', Date.parse(now)).map((night) => night.date);
      expect(dates).toHaveLength(30);
      expect(dates[0]).toBe(first);
      expect(
        dates.every((date, at) => at === 0 || Date.parse(date) - Date.parse(dates[at - 1] ?? '') === 86_400_000),
      ).toBe(true);
    }
  });

  it('claim nothing about due times that were not asked for, and runs that are gone', () => {
    const many = Array.from({ length: kMostFires }, (_, i) =>
      fire(new Date(kNow - i * 3_600_000).toISOString(), { skipped: 'paused', reason: 'the schedule is paused' }),
    );
    const days = nights(many, 'UTC', kNow);
    expect(days[0]).toEqual({ date: '2026-10-25', kind: 'none', words: 'older than the last 200 due times' });
    expect(days[29]?.words).toBe('19 skipped: the schedule is paused');
    expect(nights([fire('2026-11-23T03:00:00Z', { run: 'old' })], 'UTC', kNow)[29]).toEqual({
      date: '2026-11-23',
      kind: 'started',
      run: 'old',
      words: 'started a run that is no longer stored',
    });
  });

  it('say what ran, what was skipped and why, and what failed', () => {
    const days = nights(
      [
        fire('2026-11-22T23:30:00Z', { run: 'a', state: 'running' }),
        fire('2026-11-21T23:30:00Z', { run: 'b', state: 'timed_out' }),
        fire('2026-11-20T23:30:00Z', { skipped: 'daemon_down', reason: 'the daemon was not running' }),
        fire('2026-11-19T23:30:00Z', { run: 'c', state: 'partly' }),
      ],
      'Europe/Berlin',
      kNow,
    );
    expect(days.slice(26)).toEqual([
      { date: '2026-11-20', kind: 'ran', run: 'c', words: 'ran' },
      { date: '2026-11-21', kind: 'skipped', words: 'skipped: the daemon was not running' },
      { date: '2026-11-22', kind: 'failed', run: 'b', words: 'did not end well: timed out' },
      { date: '2026-11-23', kind: 'open', run: 'a', words: 'not ended yet' },
    ]);
  });

  it('hide no failure behind the others of a day', () => {
    const day = nights(
      [
        fire('2026-11-23T03:00:00Z', { skipped: 'overlap', reason: 'the previous run has not ended', folded: 3 }),
        fire('2026-11-23T02:00:00Z', { run: 'b', state: 'failed' }),
        fire('2026-11-23T01:00:00Z', { run: 'a', state: 'succeeded' }),
      ],
      'UTC',
      kNow,
    )[29];
    expect(day?.kind).toBe('failed');
    expect(day?.run).toBe('b');
    expect(day?.words).toBe('1 ran, 1 did not end well: failed, 3 skipped: the previous run has not ended');
  });
});
