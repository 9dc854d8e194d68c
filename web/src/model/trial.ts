// A trial, its phases and its series, as the API tells them.
import type { MetricName } from './metric';
import type { Gate } from './run';

// One metric with a standing of its own. `gates` are those of the verdict that judge it, by name.
export interface Reading {
  metric: MetricName;
  unit: string;
  value?: number;
  absent?: string;
  validity: string;
  bound: string;
  gates: string[];
}

export interface Verdict {
  validity: string;
  bound: string;
  gates: Gate[];
}

interface Judged {
  readings: Reading[];
  verdict: Verdict;
}

export function readingOf(of: Judged | undefined, metric: MetricName): Reading | undefined {
  return of?.readings.find((reading) => reading.metric === metric);
}

export function figureOf(of: Judged | undefined, metric: MetricName): number | undefined {
  return readingOf(of, metric)?.value;
}

// What the gates say that judge this reading, a sentence each.
export function gateWords(of: Judged | undefined, reading: Reading): string[] {
  return (of?.verdict.gates ?? []).filter((gate) => reading.gates.includes(gate.gate)).map((gate) => gate.text);
}

// What the gates say that struck this reading out; absent: it counts.
export function struckWords(of: Judged | undefined, metric: MetricName): string | undefined {
  const reading = readingOf(of, metric);
  return of && reading?.validity === 'invalid' ? gateWords(of, reading).join(' ') : undefined;
}

export interface Startup {
  kind: string;
  marks: {
    start_call_ns: number;
    exec_ns?: number;
    listen_ns?: number;
    first_good_ns?: number;
    first_deep_ns?: number;
  };
  sandbox_ns: number;
  absent: Record<string, string>;
}

// Process start to first HTTP 200. Each kind of start has its own metric.
export function startMetricOf(trial: Trial): MetricName {
  return trial.startup?.kind === 'cache_cold' ? 'app_startup_cache_cold_ns' : 'app_startup_ns';
}

export interface Memory {
  pss_bytes?: number;
  private_bytes?: number;
  docker_equivalent_bytes?: number;
  cgroup_peak_bytes?: number;
  absent: Record<string, string>;
}

export interface Trial {
  id: string;
  run: string;
  index: number;
  block: number;
  attempt?: number;
  case: string;
  stack: string;
  kind: string;
  state: string;
  failure?: string;
  reason?: string;
  last_output?: string;
  started_at: string;
  finished_at?: string;
  startup?: Startup;
  idle?: Memory;
  retained?: Memory;
  stop_ns?: number;
  stop_forced: boolean;
  phases: string[];
  readings: Reading[];
  verdict: Verdict;
}

export interface Measurement {
  phase: string;
  loop: string;
  window_ns: number;
  offered_per_s?: number;
  counts: { good: number; sent: number; in_flight: number; bytes_received: number; errors: Record<string, number> };
  readings: Reading[];
  verdict: Verdict;
  histograms: string[];
  transport: string;
  timer_mode: string;
}

export interface Measurements {
  trial: string;
  case: string;
  phases: Measurement[];
}

export interface MinMaxLast {
  min: number[];
  max: number[];
  last: number[];
}

export interface Samples {
  trial: string;
  case: string;
  origin: string;
  resolution_ns: number;
  phases: { phase: string; begin_ns: number; end_ns: number }[];
  at_ns: number[];
  private_bytes: MinMaxLast;
  docker_equivalent_bytes: MinMaxLast;
  cpu_ns: number[];
  throttled_ns: number[];
}

// What the load generator saw in each second of the measured windows.
export interface Seconds {
  trial: string;
  case: string;
  phases: {
    phase: string;
    loop: string;
    begin_ns?: number; // since the container was created
    seconds: { second: number; good: number; errors: number; p50_ns?: number; p99_ns?: number }[];
  }[];
}

export interface Histogram {
  trial: string;
  phase: string;
  kind: string;
  count: number;
  min_ns?: number;
  max_ns?: number;
  mean_ns?: number;
  percentiles?: { percent: number; value_ns: number }[];
}
