import { describe, expect, it } from 'vitest';
import { boardOf } from '../src/model/board';
import { linesOf, loadCurvesOf, rateRange, rateSplits } from '../src/model/load_curves';
import type { Run } from '../src/model/run';
import type { Summary, SummaryList } from '../src/model/summary';
import { fixture } from './fixtures';

const run = fixture('run') as Run;

const of = (phase: string, stack: string, rate: number, p99: number, rest: Partial<Summary> = {}): Summary[] => {
  const same = {
    run: 'r',
    case: `${stack}/single`,
    stack,
    phase,
    title: '',
    n: 12,
    values: [],
    validity: 'valid',
    bound: 'none',
  };
  return [
    { ...same, metric: 'offered_per_s', unit: '1/s', better: 'neither', value: rate },
    {
      ...same,
      metric: 'latency_p99_ns',
      unit: 'ns',
      better: 'lower',
      value: p99,
      ci95: [p99 * 0.9, p99 * 1.1],
      ...rest,
    },
  ];
};

const kPhases = ['json/c32/r30%', 'json/c32/r60%', 'json/c32/r500', 'users/c32/r60%', 'json/c32'];

function boards(items: Summary[]) {
  const list: SummaryList = { run: 'r', phases: kPhases, items };
  return new Map(kPhases.map((phase) => [phase, boardOf(run, list, phase)]));
}

const all = boards([
  ...of('json/c32/r60%', 'go-nethttp', 20_000, 800_000),
  ...of('json/c32/r30%', 'go-nethttp', 10_000, 400_000),
  ...of('json/c32/r60%', 'python-fastapi', 3000, 5_000_000),
  ...of('json/c32/r30%', 'python-fastapi', 1500, 1_500_000, { validity: 'invalid' }),
  ...of('users/c32/r60%', 'go-nethttp', 5000, 900_000),
  ...of('users/c32/r60%', 'python-fastapi', 500, 900_000),
  ...of('json/c32/r500', 'go-nethttp', 500, 300_000),
  ...of('json/c32/r500', 'python-fastapi', 500, 900_000),
]);

describe('latency against load', () => {
  it('has of each stack every rate of the same work, in order', () => {
    const curves = loadCurvesOf(all, 'json/c32/r60%');
    expect(curves.map(({ entry, points }) => [entry.case, points.map(({ rate }) => rate)])).toEqual([
      ['go-nethttp/single', [500, 10_000, 20_000]],
      ['python-fastapi/single', [500, 1500, 3000]],
    ]);
  });

  it('is not drawn where all have one rate, or none', () => {
    expect(loadCurvesOf(all, 'json/c32/r500')).toEqual([]);
    expect(loadCurvesOf(all, 'json/c32')).toEqual([]);
    expect(loadCurvesOf(new Map(), 'json/c32/r60%')).toEqual([]);
  });

  it('shares an axis, joins no point that is struck out, and keeps its mark', () => {
    const { x, lines, whiskers } = linesOf(loadCurvesOf(all, 'json/c32/r60%'));
    expect(x.map((at) => Math.round(10 ** at))).toEqual([500, 1500, 3000, 10_000, 20_000]);
    expect(lines[1]).toEqual([900_000, undefined, 5_000_000, undefined, undefined]);
    expect(whiskers.filter(({ out }) => out).map(({ y }) => y)).toEqual([1_500_000]);
    expect(whiskers[0]).toMatchObject({ low: 270_000, high: 330_000 });
    const range = rateRange(x);
    expect(range[0]).toBeLessThan(x[0] as number);
    expect(rateSplits(range).map((at) => Math.round(10 ** at))).toEqual([500, 1000, 2000, 5000, 10_000, 20_000]);
  });
});
