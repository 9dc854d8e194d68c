// One metric of one case and phase over its trials.
import type { Unit } from './units';

export interface Summary {
  run: string;
  case: string;
  stack: string;
  phase?: string;
  metric: string;
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
}

// A cell without a throughput: a phase that a case was not measured in, and why.
export interface Gap {
  case: string;
  phase: string;
  reason: string;
}

export interface SummaryList {
  run: string;
  environment_key?: string;
  items: Summary[];
  gaps?: Gap[];
}

const kUnits = new Set<string>(['1/s', 'ns', 'B', '1', '%', 'count']);

export function unitOf(summary: { unit: string }): Unit {
  return kUnits.has(summary.unit) ? (summary.unit as Unit) : 'count';
}

// What a whisker shows: the 95 % interval where there are trials enough for one, else least to greatest.
export interface Spread {
  low: number;
  high: number;
  kind: 'ci95' | 'range';
}

export function spreadOf(summary: Summary): Spread | undefined {
  if (summary.ci95) return { low: summary.ci95[0], high: summary.ci95[1], kind: 'ci95' };
  if (summary.range) return { low: summary.range[0], high: summary.range[1], kind: 'range' };
  return undefined;
}

// What a full service sets the pace of: the throughput, and in a closed loop the service times that follow from it. CPU time
// a request and memory stay the stack's own.
function isPaced(metric: string): boolean {
  return metric === 'throughput_per_s' || metric.startsWith('service_time_');
}

// A number limited by the loader or by a database, or thrown out by a gate, says nothing about the stack: it is never ranked.
export function isRanked(summary: Summary): boolean {
  if (summary.bound === 'database' && isPaced(summary.metric)) return false;
  return summary.validity !== 'invalid' && summary.bound !== 'loader';
}

// The order in which numbers may stand: those that show the stack's own limit; throughputs of a stack that had CPU left
// (something waited, so it is not what the stack can do); those that are not ranked at all.
export type Standing = 'ranked' | 'apart' | 'unranked';

export function standingOf(summary: Summary): Standing {
  if (!isRanked(summary)) return 'unranked';
  return summary.bound === 'waiting' && summary.metric === 'throughput_per_s' ? 'apart' : 'ranked';
}

const kBounds: Record<string, string> = {
  loader: 'The load generator was the limit: a lower bound for the stack, not ranked.',
  database: "The database's CPUs were full: this says nothing about the stack, and is not ranked.",
  server: 'The stack used up its CPUs: this is its own limit.',
  single_core: 'One thread of the stack used up its core.',
  waiting: 'Nothing was used up: something waited.',
};

export function explainBound(bound: string): string {
  return kBounds[bound] ?? '';
}
