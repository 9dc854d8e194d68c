import { describe, expect, it } from 'vitest';
import type { Compared } from '../src/model/compare';
import { bestOf, leadOf, leadWords, matrixOf, pairsOf, rivalsOf } from '../src/model/matrix';
import type { Run } from '../src/model/run';
import type { Summary, SummaryList } from '../src/model/summary';
import { fixture } from './fixtures';

const run = fixture('run') as Run;
const list = fixture('summaries') as SummaryList;
const phases = list.phases ?? [...new Set(list.items.flatMap((s) => s.phase ?? []))];

const of = (name: string, value: number, rest: Partial<Summary> = {}): Summary => ({
  run: 'r',
  case: `${name}/single`,
  stack: name,
  phase: 'json/c32',
  metric: 'throughput_per_s',
  title: 'Throughput',
  unit: '1/s',
  better: 'higher',
  value,
  n: 12,
  values: [],
  validity: 'valid',
  bound: 'server',
  ...rest,
});

describe('the matrix of a run', () => {
  it('has a cell for each stack and phase, the best of a phase with share 1', () => {
    const matrix = matrixOf(run, list, phases);
    for (const row of matrix.rows) expect(row.cells.map((cell) => cell.phase)).toEqual(phases);
    phases.forEach((phase, i) => {
      const board = matrix.boards.get(phase);
      const best = board && bestOf(board);
      const shares = matrix.rows.flatMap((row) => row.cells[i]?.share ?? []);
      if (best === undefined) expect(shares).toEqual([]);
      else expect(matrix.rows.find((row) => row.entry.case === best.case)?.cells[i]?.share).toBe(1);
    });
  });

  it('gives no share to what may not be ranked, and says why', () => {
    const gates = [{ gate: 'loader_cpu', validity: 'invalid', text: 'Busy.' }];
    const items = [of('a', 100), of('b', 200, { validity: 'invalid', gates }), of('c', 80, { bound: 'loader' })];
    const matrix = matrixOf(run, { run: 'r', items }, ['json/c32', 'users/c32']);
    const cell = (name: string) => matrix.rows.find((row) => row.entry.stack.name === name)?.cells[0];
    expect(cell('a')).toMatchObject({ text: '1.0×', share: 1, marks: ['best'] });
    expect(cell('b')).toMatchObject({ text: '200/s', share: undefined, marks: ['invalid'], reason: 'Busy.' });
    expect(cell('c')).toMatchObject({ text: '≥0.80×', marks: ['bound'] });
    expect(matrix.rows[0]?.cells[1]).toMatchObject({ text: '–', marks: ['absent'], reason: 'not measured' });
  });
});

describe('who leads', () => {
  const items = [of('a', 100), of('b', 95), of('c', 90), of('d', 40)];
  const matrix = matrixOf(run, { run: 'r', items }, ['json/c32']);
  const board = matrix.boards.get('json/c32') as NonNullable<ReturnType<typeof matrix.boards.get>>;
  const pair = (decision: string, doubt?: string) =>
    ({
      decision,
      ratio: 0.95,
      ci95: [0.92, 0.98],
      ...(doubt === undefined ? {} : { doubt, n: 2 }),
    }) as unknown as Compared;

  it('is asked of those that are near the best only', () => {
    expect(rivalsOf(board)).toEqual(['b/single', 'c/single']);
    expect(pairsOf(matrix, 1)).toEqual([{ best: 'a/single', rival: 'b/single' }]);
  });

  it('are those that the pairs do not tell from the best', () => {
    const pairs = new Map([
      ['b/single', pair('same')],
      ['c/single', pair('worse')],
    ]);
    const lead = leadOf(board, pairs);
    expect(lead).toMatchObject({ best: 'a/single', group: ['a/single', 'b/single'], undecided: undefined });
    expect(leadWords(lead as never, pairs, (name) => name).replaceAll('\u00a0', ' ')).toBe(
      'Not told apart from it, pair by pair: b/single (−5.0 %, 95 % interval −8.0 % to −2.0 %; no change).',
    );
    const looked = new Map([...pairs].map(([name, one]) => [name, { ...one, confidence: 0.993 }]));
    expect(leadWords(lead as never, looked, (name) => name)).toContain(', 99.3 % interval −8.0');
    expect(leadOf(board, new Map([['b/single', pair('worse')]])), 'a pair is missing').toBeUndefined();
  });

  it('is not decided with few trials', () => {
    const few = pair('inconclusive', 'few_trials');
    expect(
      leadOf(
        board,
        new Map([
          ['b/single', few],
          ['c/single', few],
        ]),
      )?.undecided,
    ).toBeDefined();
  });
});
