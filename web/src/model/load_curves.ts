// Latency against load: of each stack the p99 at every rate that it was offered, where each stack has rates of its own. Pure.
import type { Board, Entry } from './board';
import type { Summary } from './summary';
import { spreadOf } from './summary';

export interface LoadPoint {
  phase: string;
  rate: number; // offered, per second
  summary: Summary; // the latency
}

export interface LoadCurve {
  entry: Entry;
  points: LoadPoint[]; // by rate
}

// "json/c32" of "json/c32/r60%json_cap".
function withoutRate(phase: string): string {
  return phase.replace(/\/r\d[^/+]*/, '');
}

// Of the phases that differ from `phase` in their rate alone. Nothing where that has one rate for all.
export function loadCurvesOf(boards: ReadonlyMap<string, Board>, phase: string): LoadCurve[] {
  if (!boards.get(phase)?.ownRates) return [];
  const alike = [...boards.values()].filter(
    (board) => board.loop === 'open' && withoutRate(board.phase ?? '') === withoutRate(phase),
  );
  const curves = new Map<string, LoadCurve>();
  for (const board of alike) {
    for (const entry of board.entries) {
      const [rate, summary] = [entry.of.get('offered_per_s')?.value, entry.of.get(board.headline)];
      if (rate === undefined || rate <= 0 || summary === undefined || summary.n === 0) continue;
      const curve = curves.get(entry.case) ?? { entry, points: [] };
      curve.points.push({ phase: board.phase ?? '', rate, summary });
      curves.set(entry.case, curve);
    }
  }
  for (const { points } of curves.values()) points.sort((a, b) => a.rate - b.rate);
  return [...curves.values()];
}

// All curves on one logarithmic axis. What a gate struck out is not joined by the line.
export interface LoadLines {
  x: number[]; // log₁₀ of the rate
  lines: (number | null | undefined)[][]; // of each curve
  whiskers: { curve: number; x: number; y: number; low?: number; high?: number; out: boolean }[];
}

export function linesOf(curves: LoadCurve[]): LoadLines {
  const x = [...new Set(curves.flatMap(({ points }) => points.map(({ rate }) => Math.log10(rate))))].sort(
    (a, b) => a - b,
  );
  return {
    x,
    lines: curves.map(({ points }) => {
      const values = new Map(
        points
          .filter(({ summary }) => summary.validity !== 'invalid')
          .map(({ rate, summary }) => [Math.log10(rate), summary.value]),
      );
      return x.map((at) => values.get(at));
    }),
    whiskers: curves.flatMap(({ points }, curve) =>
      points.map(({ rate, summary }) => {
        const spread = spreadOf(summary);
        return {
          curve,
          x: Math.log10(rate),
          y: summary.value,
          ...(spread === undefined ? {} : { low: spread.low, high: spread.high }),
          out: summary.validity === 'invalid',
        };
      }),
    ),
  };
}

// With air on both sides.
export function rateRange(x: number[]): [number, number] {
  const [least = 0, greatest = 1] = [x[0], x[x.length - 1]];
  const air = Math.max(0.05, (greatest - least) * 0.05);
  return [least - air, greatest + air];
}

// 1, 2 and 5 of each decade that the axis reaches, as logarithms.
export function rateSplits([least, greatest]: [number, number]): number[] {
  const splits: number[] = [];
  for (let decade = Math.floor(least); decade <= greatest; decade++)
    for (const step of [1, 2, 5]) splits.push(decade + Math.log10(step));
  return splits.filter((at) => at >= least && at <= greatest);
}
