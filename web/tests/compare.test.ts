import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparison as decodeComparison } from '../src/api/wire';
import {
  arranged,
  type Compared,
  type Comparison,
  cellsOf,
  cellTitle,
  changeText,
  intervalText,
  markdownOf,
  verdictSentences,
  verdictText,
} from '../src/model/compare';
import { ratioAxis } from '../src/model/ratio_axis';
import { ratioCurve, spectraOf } from '../src/model/spectra';
import type { Histogram } from '../src/model/trial';

const side = { value: 10_000_000, n: 12, validity: 'valid', bound: 'none' };

function row(rest: Partial<Compared>): Compared {
  return {
    case: 'go-nethttp/single',
    stack: 'go-nethttp',
    phase: 'json/c32',
    metric: 'latency_p99_ns',
    title: 'Latency p99 (from the due time)',
    unit: 'ns',
    better: 'lower',
    a: side,
    b: side,
    design: 'unpaired',
    band_percent: 15,
    decision: 'same',
    ratio: 1,
    ...rest,
  };
}

function comparison(items: Compared[], rest: Partial<Comparison> = {}): Comparison {
  const decisions = { better: 0, worse: 0, same: 0, inconclusive: 0 };
  for (const one of items) if (one.decision !== undefined) decisions[one.decision as keyof typeof decisions]++;
  const run = {
    ref: 'latest',
    runs: ['019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44'],
    environment_key: 'e1:a',
    profile: 'quick',
  };
  const at = { created_at: '2026-11-23T02:00:00.000Z' };
  return {
    a: { ...run, ...at },
    b: { ...run, ...at },
    same_environment: true,
    differences: [],
    items,
    decisions,
    ...rest,
  };
}

process.env.TZ = 'UTC';

describe('a comparison', () => {
  it('writes a change as dyno does', () => {
    expect([1, 1.0004, 1.076, 0.924, 1.42, 2.99, 3.2, 0.5].map(changeText)).toEqual([
      '0.0\u00a0%',
      '0.0\u00a0%',
      '+7.6\u00a0%',
      '−7.6\u00a0%',
      '+42\u00a0%',
      '+199\u00a0%',
      '3.2 times',
      '−50\u00a0%',
    ]);
    expect(intervalText(row({ ci95: [0.924, 1.42] }))).toBe('−7.6\u00a0% to +42\u00a0%');
    expect(intervalText(row({}))).toBe('');
  });

  it('says what was decided first, and then what keeps the rest from it', () => {
    const few = row({ decision: 'inconclusive', doubt: 'few_trials', n: 2 });
    expect(
      verdictSentences(comparison([row({ decision: 'worse' }), row({ decision: 'better' }), row({}), few])),
    ).toEqual([
      'Slower: JSON · 32 connections, latency p99 by 0.0\u00a0%.',
      'Faster: JSON · 32 connections, latency p99 by 0.0\u00a0%.',
      '1 other does not differ by more than 0.0\u00a0%.',
      '1 is open: too few trials.',
      'A decision needs 10 trials on each side; the fewest here are 2.',
    ]);
    const other = row({ decision: 'inconclusive', doubt: 'environment' });
    expect(verdictSentences(comparison([other, few], { same_environment: false })).slice(0, 2)).toEqual([
      'Nothing is decided: 2 figures are open (1 another environment, 1 too few trials).',
      'The environments differ, so nothing can be decided.',
    ]);
    expect(verdictText(few)).toBe('too few trials (2 of 10)');
  });

  it('puts what became worse first, the largest change before the others', () => {
    const rows = [
      row({ ratio: 1.5, decision: 'same' }),
      row({ ratio: 1.2, decision: 'better' }),
      row({ ratio: 1.3, decision: 'worse' }),
      row({ ratio: 0.4, decision: 'worse' }),
      row({ decision: 'inconclusive', doubt: 'spread' }),
    ];
    expect(arranged(rows).map((one) => `${one.decision} ${one.ratio}`)).toEqual([
      'worse 0.4',
      'worse 1.3',
      'better 1.2',
      'inconclusive 1',
      'same 1.5',
    ]);
  });

  it.each(['pull_request', 'pull_request_look'])('becomes the Markdown of dyno: %s', (name) => {
    const data = (name: string) =>
      readFileSync(fileURLToPath(new URL(`../../tests/data/cli/${name}`, import.meta.url)), 'utf8');
    const all = decodeComparison(JSON.parse(data(`${name}.json`)), '');
    const links = { server: 'http://localhost:8080', page: 'http://localhost:8080/compare?a=x&b=y' };
    expect(markdownOf(all, arranged(all.items), links)).toBe(data(`${name}.md`));
  });

  it('becomes Markdown that no title can break', () => {
    const text = markdownOf(comparison([]), [row({ case: 'a|b/single', ci95: [0.9, 1.1], mde_percent: 20.4 })], {
      server: '',
      page: '',
    });
    expect(text).toContain('| JSON · 32 connections | Latency p99 | 10.0 ms, n = 12 | 10.0 ms, n = 12 |');
    expect(text).toContain('0.0 % (−10 % to +10 %) | no change | 20 % |');
    expect(text).toContain('The machine and the images were the same.');
  });

  it('has a cell for each case and phase, none for a trial as a whole', () => {
    const { phase: _, ...whole } = row({});
    expect(cellsOf([row({}), row({ metric: 'latency_p50_ns' }), whole])).toEqual([
      { case: 'go-nethttp/single', phase: 'json/c32' },
    ]);
  });
});

describe('the axis of a factor', () => {
  it('has none in the middle and as much to either side', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { maxLength: 9 }), (ratios) => {
        const axis = ratioAxis(ratios);
        expect(axis.at(1)).toBe(50);
        for (const ratio of ratios) expect(axis.at(ratio) + axis.at(1 / ratio)).toBeCloseTo(100, 6);
        for (const tick of axis.ticks) expect(axis.at(tick)).toBeGreaterThanOrEqual(0);
        const places = axis.ticks.map(axis.at);
        for (let i = 1; i < places.length; i++)
          expect((places[i] as number) - (places[i - 1] as number)).toBeGreaterThan(15);
      }),
    );
  });
});

describe('a cell that is looked at closely', () => {
  it('is called by its stack, but where one case stands against another by its phase', () => {
    const cell = { case: 'orders@main-after/single', phase: 'list-orders/c1' };
    const all = comparison([]);
    expect(cellTitle(all, cell, [])).toBe('orders@main-after, list-orders · 1 connection');
    const pair = { ...all, a: { ...all.a, case: 'orders@main/single' }, b: { ...all.b, case: cell.case } };
    expect(cellTitle(pair, cell, [])).toBe('list-orders · 1 connection');
  });
});

describe('curves of groups', () => {
  const histogram = (factor: number, count = 100_000): Histogram => ({
    trial: 't',
    phase: 'p',
    kind: 'response',
    count,
    percentiles: [0, 50, 90, 99].map((percent, i) => ({ percent, value_ns: 1e6 * (i + 1) * factor })),
  });

  it('have the middle of the trials, and their least and greatest', () => {
    const { groups, percent } = spectraOf([[histogram(1), histogram(4), histogram(2)], [histogram(3)]]);
    expect(percent).toEqual([0, 50, 90, 99]);
    expect(groups[0]?.middle).toEqual([2e6, 4e6, 6e6, 8e6]);
    expect(groups[0]?.low).toEqual([1e6, 2e6, 3e6, 4e6]);
    expect(groups[0]?.high[3]).toBe(16e6);
    const { middle, low, high } = ratioCurve(groups[0] as never, groups[1] as never);
    expect([middle[1], low[1], high[1]]).toEqual([1.5, 0.75, 3]);
  });

  it('end where most of the trials have too few answers', () => {
    const { groups } = spectraOf([[histogram(1, 200), histogram(1, 200), histogram(1)]]);
    expect(groups[0]?.middle).toEqual([1e6, 2e6, 3e6, null]);
  });
});
