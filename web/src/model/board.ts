// The leaderboard of a run: its summaries by case, for one phase at a time. Pure.
import type { MetricName } from './metric';
import type { Run, RunStack } from './run';
import {
  type Absence,
  type Gap,
  isLowerBound,
  isRanked,
  type Standing,
  type Summary,
  type SummaryList,
  standingOf,
} from './summary';
import { caseTitle, stackOf } from './titles';

export interface Entry {
  case: string;
  title: string;
  slot: number; // 1 … 81: its colour and mark, the same in every view of every run
  tuned: boolean;
  stack: RunStack;
  of: Map<MetricName, Summary>; // by metric, of the phase and of the trial
  absent: Map<MetricName, string>; // why there is none
}

export interface Board {
  phases: string[]; // in the order they were measured
  phase: string | undefined; // the one shown
  loop: 'closed' | 'open';
  times: Times;
  gaps: Gap[]; // of this phase
  entries: Entry[]; // best first by the headline metric, unranked last; by name where there is no ranking
  headline: MetricName;
  ownRates: boolean; // an open loop in which each case has its own rate: its latencies are not ranked
}

// What the percentiles of a phase describe. A closed loop knows only service time, not latency. Where messages go to subscribers,
// what counts is how late they arrive.
export type Times = 'latency' | 'service_time' | 'delivery';

const kOrder: Standing[] = ['ranked', 'apart', 'unranked'];

export function boardOf(run: Run, list: SummaryList, wanted?: string): Board {
  const summaries = list.items;
  const phases = list.phases ?? phasesOf(summaries);
  const phase = wanted !== undefined && phases.includes(wanted) ? wanted : phases[0];
  const loop = loopOf(summaries, phase);
  const times = timesOf(summaries, phase);
  const headline: MetricName = times === 'service_time' ? 'throughput_per_s' : `${times}_p99_ns`;
  const of = byCase(summaries);
  const absent = byCase(list.absent ?? []);
  const entries = [...of.keys()].sort().map((name) => entryOf(run, name, of.get(name), absent.get(name), phase));
  const ownRates = loop === 'open' && !haveOneRate(entries);
  const gaps = (list.gaps ?? []).filter((gap) => gap.phase === phase);
  return {
    phases,
    phase,
    loop,
    times,
    gaps,
    headline,
    ownRates,
    entries: ownRates ? entries : sorted(entries, headline),
  };
}

// One common rate, give or take half a percent.
function haveOneRate(entries: Entry[]): boolean {
  const rates = entries.flatMap((e) => e.of.get('offered_per_s')?.value ?? []);
  return Math.max(...rates) <= Math.min(...rates) * 1.005;
}

function phasesOf(summaries: Summary[]): string[] {
  return [...new Set(summaries.flatMap((s) => (s.phase === undefined ? [] : [s.phase])))];
}

// Alphabetical, whatever the order of the results.
export function casesOf(summaries: Summary[]): string[] {
  return [...new Set(summaries.map((s) => s.case))].sort();
}

// All cases of the run, whatever was selected.
export function allCasesOf(list: SummaryList): string[] {
  return list.cases === undefined ? casesOf(list.items) : [...list.cases].sort();
}

// From the name of its stack alone, so that it changes neither between runs nor while one goes on. Of two stacks of the same colour the
// marks differ, save for one pair in nine. With this seed no two of the stacks that come with stackdyno have the same slot (a test).
const kSeed = 71811;
const kSlots = 81;

const kUtf8 = new TextEncoder();

export function slotOf(caseName: string): number {
  const slash = caseName.lastIndexOf('/');
  let hash = kSeed;
  for (const byte of kUtf8.encode(slash > 0 ? caseName.slice(0, slash) : caseName))
    hash = Math.imul(hash ^ byte, 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (((hash ^ (hash >>> 12)) >>> 0) % kSlots) + 1;
}

// Only an open loop has an offered rate.
export function loopOf(summaries: Summary[], phase: string | undefined): 'closed' | 'open' {
  return summaries.some((s) => s.phase === phase && s.metric === 'offered_per_s') ? 'open' : 'closed';
}

export function timesOf(summaries: Summary[], phase: string | undefined): Times {
  if (summaries.some((s) => s.phase === phase && s.metric === 'delivery_p99_ns')) return 'delivery';
  return loopOf(summaries, phase) === 'open' ? 'latency' : 'service_time';
}

function byCase<T extends { case: string }>(all: T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(each.case);
    if (group) group.push(each);
    else groups.set(each.case, [each]);
  }
  return groups;
}

function entryOf(run: Run, name: string, all: Summary[] = [], absent: Absence[] = [], phase?: string): Entry {
  const here = (each: { phase?: string }) => each.phase === undefined || each.phase === phase;
  const stackName = all[0]?.stack ?? name;
  const stack = stackOf(run.stacks, stackName) ?? { name: stackName };
  return {
    case: name,
    title: caseTitle(run, name),
    slot: slotOf(name),
    tuned: stack.class === 'tuned',
    stack,
    of: new Map(all.filter(here).map((s) => [s.metric, s])),
    absent: new Map(absent.filter(here).map((each) => [each.metric, each.reason])),
  };
}

// What a case has no figure of in a phase and in its trials.
export function absentOf(list: SummaryList, name: string, phase: string | undefined): Absence[] {
  return (list.absent ?? []).filter((a) => a.case === name && (a.phase === undefined || a.phase === phase));
}

// Tuned stacks come after those that are set up as their frameworks' guides say.
export function sorted(entries: Entry[], metric: MetricName, down?: boolean): Entry[] {
  const better = entries.map((e) => e.of.get(metric)).find((s) => s !== undefined)?.better;
  const descending = down ?? better === 'higher';
  const rank = (entry: Entry) => {
    const summary = entry.of.get(metric);
    return summary === undefined ? kOrder.length : kOrder.indexOf(standingOf(summary));
  };
  const value = (entry: Entry) => entry.of.get(metric)?.value ?? 0;
  return [...entries].sort(
    (a, b) =>
      Number(a.tuned) - Number(b.tuned) ||
      rank(a) - rank(b) ||
      (descending ? value(b) - value(a) : value(a) - value(b)) ||
      (a.case < b.case ? -1 : 1),
  );
}

// Metrics of percentiles present in a phase, with the percentile they stand for.
export function percentilesOf(times: Times): { metric: MetricName; label: string }[] {
  return [
    { metric: `${times}_p50_ns`, label: 'p50' },
    { metric: `${times}_p90_ns`, label: 'p90' },
    { metric: `${times}_p99_ns`, label: 'p99' },
    { metric: `${times}_p999_ns`, label: 'p99.9' },
  ];
}

// Fewest and most trials of what is shown: "2", "2–6".
export function countsOf(entries: Entry[], metrics: MetricName[]): string {
  const counts = entries.flatMap((e) => metrics.flatMap((m) => e.of.get(m)?.n ?? []));
  if (counts.length === 0) return '0';
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least}–${most}`;
}

// What may be said about the first two of a ranking. With fewer than ten trials each there is an order, but no winner.
export const kTrialsToDecide = 10;

// `open`: one that was limited from outside does at least as much as shown, and may do more than the first.
export function standing(
  entries: Entry[],
  metric: MetricName,
): 'none' | 'open' | 'points' | 'degraded' | 'overlap' | 'apart' {
  const ranked = entries.flatMap((e) => e.of.get(metric) ?? []).filter(isRanked);
  const [first, second] = ranked;
  if (!first || !second) return 'none';
  if (ranked.slice(1).some(isLowerBound)) return 'open';
  if (Math.min(first.n, second.n) < kTrialsToDecide || !first.ci95 || !second.ci95) return 'points';
  if (first.validity !== 'valid' || second.validity !== 'valid') return 'degraded';
  const overlap = first.ci95[0] <= second.ci95[1] && second.ci95[0] <= first.ci95[1];
  return overlap ? 'overlap' : 'apart';
}
