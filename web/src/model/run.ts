// A run as the API returns it. Field names are those of the wire. A value that was not measured is absent.
import type { Pool } from './pool';
import { counted } from './units';

export interface Gate {
  gate: string;
  validity: string;
  text: string;
}

export interface Progress {
  block: number;
  blocks: number;
  case?: string;
  step?: string;
  phase?: string;
  done_ratio: number;
  eta_at?: string;
}

export interface RunStack {
  name: string;
  title?: string;
  runtime?: string;
  class?: string;
  hash?: string;
  image?: string;
  base_kind?: string;
  bases?: string[]; // RUN_IMAGE=…; IMAGE=nginx:1.29@sha256:… of one that is taken as it is
  image_bytes?: number;
  build_ns?: number;
  reported_version?: string;
  failure?: string;
}

// The image that it was started from, with its digest, where it was not built.
export function imageOf(stack: RunStack): string | undefined {
  if (stack.base_kind !== 'image') return undefined;
  return stack.bases?.find((base) => base.startsWith('IMAGE='))?.slice('IMAGE='.length);
}

// Two stacks that a run goes on for until they are told apart. Their cases are absent before the first trial.
export interface RunComparison {
  a: string;
  b: string;
  a_case?: string;
  b_case?: string;
  blocks_measured: number;
}

export interface Run {
  id: string;
  state: string;
  trigger: string;
  schedule?: string;
  stacks: RunStack[];
  profile: { name: string; hash?: string };
  seed: string;
  note?: string;
  retry_of?: string;
  blocks: number; // with `compare` the most that are measured
  compare?: RunComparison;
  created_at: string;
  started_at?: string;
  finished_at?: string;
  reason?: string;
  resumed?: number;
  progress?: Progress;
  environment_key?: string;
  warnings: Gate[];
  expected_ns?: number;
  measured_ns: number;
  co_located: boolean;
  excluded?: string; // why nothing counts it
  verdicts?: { valid: number; degraded: number; invalid: number }; // of its summaries
  winner?: Winner;
  change?: Change;
  decision?: Pool; // the nights that are pooled with it, and what a decision lacks
}

// Who has the best value of the first closed loop. `is_clear`: decided against each of the others.
export interface Winner {
  stack: string;
  case: string;
  phase: string;
  metric: string;
  value?: number;
  n: number;
  cases: number;
  is_clear: boolean;
}

// Against the last run of the same schedule and profile.
export interface Change {
  before: string;
  better: number;
  worse: number;
  same: number;
  inconclusive: number;
}

export interface RunList {
  items: Run[];
  next?: string;
}

// What waits. `held`: no run begins just now, because Docker is away or something of an earlier run is left in it.
export interface Queue {
  items: { run: string; position: number; reason: string; begins_at?: string; ends_at?: string }[];
  held?: { reason: string; since: string; text: string };
}

export interface Environment {
  key: string;
  facts: { name: string; value: string; in_key: boolean }[];
  warnings: Gate[];
}

// "12 of at most 40"
export function blocksTitle({ blocks, compare, state }: Pick<Run, 'blocks' | 'compare' | 'state'>): string {
  if (compare === undefined) return String(blocks);
  return `${hasEnded(state) ? `${compare.blocks_measured} of ` : ''}at most ${blocks}`;
}

// "12 trials", "at most 40 trials": of each stack.
export function trialsTitle(run: Pick<Run, 'blocks' | 'compare' | 'state'>): string {
  if (run.compare !== undefined && !hasEnded(run.state)) return `at most ${counted(run.blocks, 'trial')}`;
  return counted(blocksOf(run), 'trial');
}

// That each stack has: a run that compares two ends before its last block where all is decided.
function blocksOf({ blocks, compare }: Pick<Run, 'blocks' | 'compare'>): number {
  return compare?.blocks_measured ?? blocks;
}

const kEnded = new Set([
  'succeeded',
  'partly',
  'failed',
  'aborted',
  'cancelled',
  'timed_out',
  'interrupted',
  'skipped',
]);

export function hasEnded(state: string): boolean {
  return kEnded.has(state);
}

// Whether its end left results to show: `partly`, of some of its stacks.
export function hasResults(state: string): boolean {
  return state === 'succeeded' || state === 'partly';
}

// What a run says that went on until two of its stacks were told apart, or its time was up.
const kEndsOfComparison = /^(decided after \d+ of|ended after \d+ blocks?|[^;]+ used up after \d+ blocks?)/;

// Whether a run that left results says what failed. One that compared two stacks says why it ended.
export function tellsFailures(run: Run): boolean {
  return run.reason !== undefined && !kEndsOfComparison.test(run.reason);
}

// Trials of each stack beyond which a result is no stronger for having more: enough to call a winner.
const kEnough = 10;

// The run that says most: one without failures before one with, then the one with more trials of each stack, then the newest.
export function strongest(runs: Run[]): Run | undefined {
  const isWhole = (run: Run) => Number(run.state === 'succeeded' && !tellsFailures(run));
  const trials = (run: Run) => Math.min(blocksOf(run), kEnough);
  return runs
    .filter((run) => hasResults(run.state))
    .sort((a, b) => isWhole(b) - isWhole(a) || trials(b) - trials(a) || (a.created_at < b.created_at ? 1 : -1))[0];
}

// How a state is shown: finished well, running, waiting, or gone wrong.
type StateTone = 'good' | 'live' | 'plain' | 'bad' | 'warn';

export function toneOf(state: string): StateTone {
  if (state === 'succeeded') return 'good';
  if (state === 'queued' || state === 'skipped') return 'plain';
  if (state === 'partly' || state === 'cancelled' || state === 'interrupted') return 'warn';
  return kEnded.has(state) ? 'bad' : 'live';
}

// "22a1b3c4": enough of a UUIDv7 to tell two runs apart. Its head is the time, so the tail is shown.
export function shortId(id: string): string {
  return id.slice(-8);
}

// Seconds from start to end, or to `now` while it is running. Absent before the start.
export function lasted(run: Run, now: number): number | undefined {
  if (run.started_at === undefined) return undefined;
  const end = run.finished_at === undefined ? now : Date.parse(run.finished_at);
  return (end - Date.parse(run.started_at)) / 1000;
}
