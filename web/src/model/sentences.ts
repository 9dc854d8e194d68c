// The computed sentence above a chart: what a reader would say after looking at it, and no more than the numbers allow.

import { type Board, type Entry, kTrialsToDecide, sorted, standing } from './board';
import type { MetricName } from './metric';
import type { Run } from './run';
import { isLowerBound, type Summary, spreadOf, standingOf, unitOf } from './summary';
import { significant, withUnit } from './units';

export function leadSentence(entries: Entry[], metric: MetricName, judged = true): string {
  const [first, second] = comparable(entries, metric);
  const best = first?.of.get(metric);
  if (!first || !best) return noRanking(entries, metric);
  const lead = `${first.title}: ${isLowerBound(best) ? 'at least ' : ''}${withUnit(unitOf(best), best.value)}`;
  const next = second?.of.get(metric);
  const caution = standingOf(best) === 'apart' ? ' Its CPU was not saturated, so this may not be its limit.' : '';
  if (!second || !next) return `${lead}.${caution}`;
  const said = `${lead}${compared(best, next, second.title)}.${caution}`;
  return judged ? `${said} ${judgement(entries, metric)}` : said;
}

// What a run says first. Where the API decided over the nights of its schedule that the leader is ahead of all others, that stands in place of
// what this run alone can tell.
export function headlineSentence(run: Run, board: Board): string {
  const { entries, headline, phase } = board;
  const { winner } = run;
  const isDecided =
    winner?.is_clear === true &&
    winner.phase === phase &&
    winner.metric === headline &&
    comparable(entries, headline)[0]?.case === winner.case;
  if (!isDecided) return leadSentence(entries, headline);
  return `${leadSentence(entries, headline, false)} Decided over ${winner.n} trials: ahead of all others.`;
}

function noRanking(entries: Entry[], metric: MetricName): string {
  const shown = entries.flatMap((e) => e.of.get(metric) ?? []);
  if (shown.length === 0) return '';
  if (shown.every((s) => s.validity === 'invalid'))
    return 'No ranking: every result of this phase failed a quality gate.';
  return "No ranking: no result of this phase shows the stack's own limit.";
}

// The first and those it may be compared with: the ones of its own standing.
function comparable(entries: Entry[], metric: MetricName): Entry[] {
  const standings = (e: Entry) => {
    const summary = e.of.get(metric);
    return summary === undefined ? 'unranked' : standingOf(summary);
  };
  const order = sorted(entries, metric);
  const first = order[0];
  if (!first || standings(first) === 'unranked') return [];
  const alike = order.filter((e) => standings(e) === standings(first));
  const hasOwnLimit = (e: Entry) => !isLowerBound(e.of.get(metric) as Summary);
  return alike.some(hasOwnLimit) ? alike : [];
}

function compared(best: Summary, next: Summary, name: string): string {
  const higher = best.better === 'higher';
  if (isLowerBound(next)) return `. ${name}: at least ${withUnit(unitOf(next), next.value)}`;
  const factor = higher ? best.value / next.value : next.value / best.value;
  if (!Number.isFinite(factor) || factor < 1.005) return `, about the same as ${name}`;
  if (higher) return `, ${isLowerBound(best) ? 'at least ' : ''}${significant(factor)} times that of ${name}`;
  return `. ${name} ${takes(next)}`.replace('%', significant(factor));
}

function takes(summary: Summary): string {
  if (summary.metric.includes('_cpu_ns')) return 'needs % times as much CPU time';
  return summary.unit === 'ns' ? 'takes % times as long' : 'needs % times as much';
}

function judgement(entries: Entry[], metric: MetricName): string {
  switch (standing(entries, metric)) {
    case 'open':
      return 'No winner called: one of the others was not at its own limit and may do more.';
    case 'points':
      return `Too few trials to call a winner (${fewest(entries, metric)} of ${kTrialsToDecide}).`;
    case 'degraded':
      return 'No winner called: one of these results is degraded.';
    case 'overlap':
      return 'A tie: their 95 % intervals overlap.';
    case 'apart':
      return 'Their 95 % intervals do not overlap.';
    case 'none':
      return '';
  }
}

// Trials of the one of the first two that has fewer.
function fewest(entries: Entry[], metric: MetricName): number {
  const counts = comparable(entries, metric).map((e) => e.of.get(metric)?.n ?? 0);
  return Math.min(...counts.slice(0, 2));
}

export function whiskerWords(entries: Entry[], metric: MetricName): string {
  return `${whiskerKey(entries.flatMap((e) => e.of.get(metric) ?? []))} Circle: one trial.`;
}

// What the whiskers of these are.
export function whiskerKey(all: Pick<Summary, 'ci95' | 'range'>[]): string {
  const kinds = new Set(all.map((each) => spreadOf(each)?.kind));
  if (kinds.has('ci95') && kinds.has('range'))
    return 'Whisker: 95 % interval, or minimum to maximum of fewer than 6 trials.';
  if (kinds.has('ci95')) return 'Whisker: 95 % interval.';
  return 'Whisker: minimum to maximum (a 95 % interval needs 6 trials).';
}
