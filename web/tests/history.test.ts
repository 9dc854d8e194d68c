import { describe, expect, it } from 'vitest';
import { courseOf, happeningsOf, isoOf, type Line, lastSentence, type Point, secondsOf } from '../src/model/history';

const day = (n: number) => `2026-11-${String(n).padStart(2, '0')}T02:00:00.000Z`;
const point = (n: number, rest: Partial<Point> = {}): Point => ({
  at: day(n),
  run: `run-${n}`,
  segment: 0,
  n: 10,
  value: 1000 * n,
  ci95: [990 * n, 1010 * n],
  validity: 'valid',
  bound: 'server',
  ...rest,
});

function line(items: Point[], rest: Partial<Line> = {}): Line {
  const series: Line['series'] = {
    id: '1',
    profile: 'quick',
    case: 'go-nethttp/single',
    stack: 'go-nethttp',
    phase: 'json/c32',
    metric: 'throughput_per_s',
    title: 'Throughput',
    unit: '1/s',
    better: 'higher',
  };
  return { series, in_all: items.length, segments: [], annotations: [], items, ...rest };
}

describe('lines on one axis', () => {
  it('go on over runs of others, and break where runs cannot be compared', () => {
    const mine = line([point(1), point(3, { segment: 1 })]);
    const other = line([point(2), point(3)]);
    const course = courseOf([mine, other]);
    // The middle of the break falls on the instant of the other's run, which stays.
    expect(course.x.map(isoOf)).toEqual([1, 2, 3].map((n) => day(n).replace('.000', '')));
    expect(course.runs).toEqual(['run-1', 'run-2', 'run-3']);
    expect(course.lines[0]?.value).toEqual([1000, null, 3000]);
    expect(course.lines[1]?.value).toEqual([undefined, 2000, 3000]);
    expect(course.lines[0]?.low).toEqual([990, null, 2970]);
  });

  it('have a gap where every trial was struck out', () => {
    const { value: _, ci95: __, ...none } = point(2, { n: 0, validity: 'invalid' });
    const course = courseOf([line([point(1), none, point(3)])]);
    expect(course.lines[0]?.value).toEqual([1000, null, 3000]);
    expect(course.lines[0]?.point[1]?.run).toBe('run-2');
  });

  it('read seconds as the daemon takes them', () => {
    expect(isoOf(secondsOf('2026-11-29T09:26:12.622Z'))).toBe('2026-11-29T09:26:12Z');
  });
});

describe('what is said of a line', () => {
  it('is its last run and the change since the one before', () => {
    const change = { ...point(2), ratio: 0.949, decision: 'inconclusive', doubt: 'few_trials', n: 2 } as never;
    expect(lastSentence(line([point(1), point(2)]), change, day(1)).replaceAll('\u00a0', ' ')).toMatch(
      /^2000\/s \(1980–2020, 10 trials\) in the last of 2 runs; −5\.1 % since 1 Nov 2026, .*: too few trials \(2 of 10\)\.$/,
    );
    expect(lastSentence(line([point(1)]), undefined, undefined)).toContain(
      'in its only run; nothing to compare it with',
    );
    expect(lastSentence(line([]), undefined, undefined)).toBe('No run in this range.');
  });

  it('tells breaks and annotations, newest first', () => {
    const segment = { last_at: day(3), points: 1, environment_key: 'e', class: 'c', profile_hash: 'p' };
    const annotations = [{ kind: 'image', at: day(2), run: 'run-2', text: 'sha256:0123456789abcdef' }];
    const segments = [
      { ...segment, first_at: day(1), breaks: [] },
      { ...segment, first_at: day(3), breaks: ['environment', 'class'] },
    ];
    expect(happeningsOf([line([], { segments, annotations })], () => 'Go')).toEqual([
      {
        at: day(3),
        text: 'the machine or its software changed, the class of the stack changed; not comparable with what was before',
      },
      { at: day(2), run: 'run-2', text: 'another image (0123456789ab)' },
    ]);
  });
});
