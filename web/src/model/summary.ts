// One metric of one case and phase over its trials.
import type { MetricName } from './metric';
import type { Gate } from './run';
import { exact, percent, scaleFor, spreadText, type Unit, withUnit } from './units';

export interface Summary {
  run: string;
  case: string;
  stack: string;
  phase?: string;
  metric: MetricName;
  title: string;
  unit: string;
  better: string;
  value: number;
  n: number;
  ci95?: [number, number];
  range?: [number, number];
  values: number[];
  validity: string;
  bound: string;
  gates?: Gate[]; // of all its readings, those left out too
}

// A value with its spread, as it is written and drawn; a place of the leaderboard has one, too.
export type Statistic = Pick<Summary, 'metric' | 'unit' | 'value' | 'ci95' | 'range' | 'bound'>;

// A phase that a case was not measured in, and why.
export interface Gap {
  case: string;
  phase: string;
  reason: string;
}

// A figure that no trial of a case has a value of, and why.
export interface Absence {
  case: string;
  phase?: string;
  metric: MetricName;
  reason: string;
}

// Those of one selection. `phases` and `cases` are all that the run has.
export interface SummaryList {
  run: string;
  environment_key?: string;
  phases?: string[];
  cases?: string[];
  items: Summary[];
  gaps?: Gap[];
  absent?: Absence[];
}

export interface Phase {
  phase: string;
  loop: string;
  cases: number;
  trials: number;
}

export interface PhaseList {
  run: string;
  items: Phase[];
}

// The phase to show: the wanted one if the run has it, otherwise the first.
export function phaseToShow(list: PhaseList, wanted: string | undefined): string | undefined {
  return (list.items.find((each) => each.phase === wanted) ?? list.items[0])?.phase;
}

// Said before the value of a lower bound.
export function atLeast(summary: Statistic): string {
  return isLowerBound(summary) ? '≥\u00a0' : '';
}

const kUnits = new Set<string>(['1/s', 'ns', 'B', '1', '%', 'count']);

export function unitOf(summary: { unit: string }): Unit {
  return kUnits.has(summary.unit) ? (summary.unit as Unit) : 'count';
}

// What a whisker shows: the 95 % interval where there are enough trials for one, otherwise minimum to maximum.
export interface Spread {
  low: number;
  high: number;
  kind: 'ci95' | 'range';
}

export function spreadOf(summary: Pick<Summary, 'ci95' | 'range'>): Spread | undefined {
  if (summary.ci95) return { low: summary.ci95[0], high: summary.ci95[1], kind: 'ci95' };
  if (summary.range) return { low: summary.range[0], high: summary.range[1], kind: 'range' };
  return undefined;
}

// As a reader sees it: a share in percent, a lower bound as one.
export function valueText(summary: Statistic): string {
  return atLeast(summary) + (isShare(summary) ? percent(summary.value) : withUnit(unitOf(summary), summary.value));
}

// Low to high, in the unit of the value.
export function rangeText(summary: Statistic): string | undefined {
  const spread = spreadOf(summary);
  if (!spread) return undefined;
  const factor = isShare(summary) ? 100 : 1;
  const scale = scaleFor(isShare(summary) ? '%' : unitOf(summary), summary.value * factor);
  return spreadText(scale, spread.low * factor, spread.high * factor);
}

// The exact value, and what the gates say that touched it.
export function exactWithGates(summary: Summary): string {
  return [exact(unitOf(summary), summary.value), ...gateTexts(summary)].join('. ');
}

export function gateTexts(summary: Summary): string[] {
  return (summary.gates ?? []).map((gate) => gate.text);
}

function isShare(summary: Statistic): boolean {
  return summary.metric.endsWith('_ratio');
}

// Metrics whose pace a saturated service sets: the throughput, and in a closed loop the service times that follow from it.
// CPU time per request and memory stay the stack's own.
function isPaced(metric: MetricName): boolean {
  return metric === 'throughput_per_s' || metric.startsWith('service_time_');
}

// A throughput that the load generator or a database limited: the stack does at least this much.
export function isLowerBound(summary: Pick<Summary, 'metric' | 'bound'>): boolean {
  return summary.metric === 'throughput_per_s' && (summary.bound === 'loader' || summary.bound === 'database');
}

// A number that failed a gate is never ranked, and none that the load generator or a database set the pace of. A lower bound is:
// what it says is certain.
export function isRanked(summary: Summary): boolean {
  if (summary.validity === 'invalid') return false;
  if (isLowerBound(summary)) return true;
  return summary.bound !== 'loader' && !(summary.bound === 'database' && isPaced(summary.metric));
}

// Three groups, in this order: numbers that show the stack's own limit; throughputs of a stack whose CPU was not saturated, which
// may not be its limit; and numbers that are not ranked at all.
export type Standing = 'ranked' | 'apart' | 'unranked';

export function standingOf(summary: Summary): Standing {
  if (!isRanked(summary)) return 'unranked';
  return summary.bound === 'waiting' && summary.metric === 'throughput_per_s' ? 'apart' : 'ranked';
}

const kBounds: Record<string, string> = {
  loader: 'The load generator was the limit. The stack does at least this much.',
  database: 'The database used up its CPUs. The stack does at least this much; its service times are not ranked.',
  server: 'The stack used up its CPUs: this is its own limit.',
  single_core: 'One thread of the stack used up its core.',
  waiting: 'Its CPU was not saturated, so this may not be its limit.',
};

export function explainBound(bound: string): string {
  return kBounds[bound] ?? '';
}
