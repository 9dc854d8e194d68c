// Percentile curves of several groups of trials: of each group the curve of its middle and, around it, from the least to the greatest trial.
// And how the second group's curve stands to the first's. Pure.
import { spectrumOf } from './spectrum';
import type { Histogram } from './trial';

export type Curve = (number | null)[];

export interface GroupCurve {
  middle: Curve;
  low: Curve;
  high: Curve;
  trials: number;
  answers: number;
}

export interface Spectra {
  x: number[];
  percent: number[];
  groups: GroupCurve[];
}

export function spectraOf(groups: Histogram[][]): Spectra {
  const { x, percent, curves } = spectrumOf(groups.flat());
  let from = 0;
  return {
    x,
    percent,
    groups: groups.map((group) => {
      const own = curves.slice(from, from + group.length);
      from += group.length;
      // A percentile that less than half of the trials support would be the middle of a few of them.
      const at = percent.map((_, i) => own.flatMap((curve) => curve[i] ?? []).sort((a, b) => a - b));
      const kept = at.map((values) => (values.length * 2 > group.length ? values : []));
      return {
        middle: kept.map(middleOf),
        low: kept.map((values) => values[0] ?? null),
        high: kept.map((values) => values[values.length - 1] ?? null),
        trials: group.length,
        answers: group.reduce((sum, histogram) => sum + histogram.count, 0),
      };
    }),
  };
}

function middleOf(values: number[]): number | null {
  if (values.length === 0) return null;
  const upper = values[values.length >> 1] as number;
  return values.length % 2 === 1 ? upper : Math.sqrt(upper * (values[(values.length >> 1) - 1] as number));
}

// b as a multiple of a at each percentile; low and high: the furthest apart that two trials are.
export function ratioCurve(a: GroupCurve, b: GroupCurve): { middle: Curve; low: Curve; high: Curve } {
  const over = (from: Curve, to: Curve) =>
    to.map((value, i) => {
      const base = from[i];
      return value === null || base === null || base === undefined || base <= 0 ? null : value / base;
    });
  return { middle: over(a.middle, b.middle), low: over(a.high, b.low), high: over(a.low, b.high) };
}
