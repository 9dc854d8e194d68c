import { describe, expect, it } from 'vitest';
import { blocksOf } from '../src/model/blocks';
import type { Run } from '../src/model/run';
import { changeWords, verdictWords, winnerWords } from '../src/model/run_row';
import { isOpenLoop } from '../src/model/titles';
import type { Trial } from '../src/model/trial';
import { fixture } from './fixtures';

const run = { ...(fixture('run') as Run), blocks: 3, stacks: [{ name: 'a' }, { name: 'b', title: 'B' }] };
const trial = (stack: string, block: number, state: string, validity = 'valid'): Trial =>
  ({ stack, case: `${stack}/single`, block, state, kind: 'load', verdict: { validity } }) as unknown as Trial;

describe('stacks and blocks', () => {
  it('are done, now, or to come', () => {
    const trials = [
      trial('a', 1, 'succeeded'),
      trial('b', 1, 'succeeded', 'degraded'),
      trial('a', 2, 'failed'),
      trial('b', 2, 'interrupted'),
    ];
    const progress = { block: 3, blocks: 3, done_ratio: 0.5, case: 'a/single' };
    expect(blocksOf(run, trials, progress).map((row) => [row.title, ...row.cells.map((cell) => cell.stage)])).toEqual([
      ['a', 'ran', 'failed', 'now'],
      ['B', 'marked', 'open', 'open'],
    ]);
  });
});

describe('a run in one line', () => {
  it('says who won, and whether that is decided', () => {
    const winner = {
      stack: 'b',
      case: 'b/single',
      phase: 'json/c32',
      metric: 'throughput_per_s',
      value: 21840,
      n: 10,
      cases: 2,
    };
    expect(winnerWords(run, { ...winner, is_clear: true })).toBe(
      'Ahead of all others: B with 21\u202f800/s (10 trials), JSON · 32 connections',
    );
    expect(winnerWords(run, { ...winner, is_clear: false })).toMatch(
      /^Best value: B .*not decided against all others$/,
    );
  });

  it('says how sound it is, and what changed', () => {
    expect(verdictWords({ valid: 60, degraded: 0, invalid: 0 })).toBe('all 60 figures valid');
    expect(verdictWords({ valid: 60, degraded: 4, invalid: 2 })).toBe('of 66 figures 4 degraded, 2 struck out');
    expect(changeWords({ before: 'r', better: 1, worse: 2, same: 3, inconclusive: 4 })).toBe(
      '2 worse, 1 better than the run before',
    );
    expect(changeWords({ before: 'r', better: 0, worse: 0, same: 3, inconclusive: 0 })).toBe(
      'no change since the run before',
    );
  });
});

describe('a phase', () => {
  it('has an open loop where its name has a rate', () => {
    expect(['json/c32', 'json/c32/r60%', 'sse/subscribers5/c2/r20'].map(isOpenLoop)).toEqual([false, true, true]);
  });
});
