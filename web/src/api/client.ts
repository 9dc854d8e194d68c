// The only place that fetches. Every answer is decoded here; a failure is a value, `Problem`, never an exception.
import type { BuildList } from '../model/build';
import type { Catalog, Profile, Stack } from '../model/catalog';
import type { Comparison } from '../model/compare';
import type { Line, Metric, Series } from '../model/history';
import type { Leaderboard } from '../model/leaderboard';
import { kMostFires } from '../model/nights';
import type { ObjectiveList } from '../model/objective';
import type { Problem } from '../model/problem';
import type { Environment, Queue, Run, RunList } from '../model/run';
import type { Due, Fire, Schedule } from '../model/schedule';
import type { PhaseList, SummaryList } from '../model/summary';
import type { Histogram, Measurements, Samples, Seconds, Trial } from '../model/trial';
import { DecodeError, type Decoder } from './decode';
import * as wire from './wire';

export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem };

const kRoot = '/api/v1';

// What all of these questions were answered, in their order, or the first problem.
export async function all<T>(asked: Promise<Answer<T>>[]): Promise<Answer<T[]>> {
  const values: T[] = [];
  for (const answer of await Promise.all(asked)) {
    if (!answer.ok) return answer;
    values.push(answer.value);
  }
  return { ok: true, value: values };
}

// The same answer, made into something else.
export function mapped<T, R>(answer: Answer<T>, make: (value: T) => R): Answer<R> {
  return answer.ok ? { ok: true, value: make(answer.value) } : answer;
}

interface NewRun {
  stacks: string[];
  profile: string;
  note?: string;
}

export function path(...parts: string[]): string {
  return `${kRoot}/${parts.map(encodeURIComponent).join('/')}`;
}

// What to select; what is left out is not restricted. An empty phase means the metrics of the trials themselves.
export interface Selection {
  stack?: readonly string[];
  profile?: readonly string[];
  since?: readonly string[];
  until?: readonly string[];
  a?: readonly string[];
  b?: readonly string[];
  a_case?: readonly string[];
  b_case?: readonly string[];
  points?: readonly string[];
  limit?: readonly string[];
  cursor?: readonly string[];
  case?: readonly string[];
  phase?: readonly string[];
  metric?: readonly string[];
  state?: readonly string[];
  run?: readonly string[];
  pool?: readonly string[];
  language?: readonly string[];
  class?: readonly string[];
  mode?: readonly string[];
  workload?: readonly string[];
  validity?: readonly string[];
  bound?: readonly string[];
}

function selected(url: string, selection: Selection): string {
  const query = Object.entries(selection).flatMap(([key, values]: [string, readonly string[]]) =>
    values.map((value) => `${key}=${encodeURIComponent(value)}`),
  );
  return query.length === 0 ? url : `${url}?${query.join('&')}`;
}

export const urls = {
  runs: (cursor?: string) =>
    `${kRoot}/runs?limit=25${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
  recentRuns: `${kRoot}/runs?limit=200`,
  run: (id: string) => path('runs', id),
  phases: (run: string) => path('runs', run, 'phases'),
  environment: (run: string) => path('runs', run, 'environment'),
  builds: (run: string) => path('runs', run, 'builds'),
  objectives: (run: string) => path('runs', run, 'objectives'),
  queue: path('queue'),
  stacks: path('stacks'),
  profiles: path('profiles'),
  schedules: path('schedules'),
  metrics: path('metrics'),
  series: (metric: string, cursor?: string) =>
    selected(path('series'), {
      metric: [metric],
      limit: ['200'],
      ...(cursor === undefined ? {} : { cursor: [cursor] }),
    }),
  summaries: (run: string, selection: Selection = {}) => selected(path('runs', run, 'summaries'), selection),
  trials: (run: string, selection: Selection = {}) => selected(path('runs', run, 'trials'), selection),
  measurements: (trial: string, selection: Selection = {}) =>
    selected(path('trials', trial, 'measurements'), selection),
  buildLog: (run: string, name: string) => path('runs', run, 'builds', name, 'log'),
  samples: (trial: string) => `${path('trials', trial, 'samples')}?resolution=600`,
  histogram: (trial: string, phase: string) =>
    `${path('trials', trial, 'histogram')}?phase=${encodeURIComponent(phase)}`,
  compare: (a: string, b: string, selection: Selection = {}) =>
    selected(`${kRoot}/compare`, { a: [a], b: [b], ...selection }),
  leaderboard: (selection: Selection) => selected(`${kRoot}/leaderboard`, selection),
  points: (series: string, points: number, selection: Selection = {}) =>
    selected(path('series', series, 'points'), { points: [String(points)], ...selection }),
  seconds: (trial: string, phase?: string) =>
    selected(path('trials', trial, 'seconds'), phase === undefined ? {} : { phase: [phase] }),
  events: (run: string, last: number) => `${kRoot}/events?run=${encodeURIComponent(run)}&last=${last}`,
};

export const runs = (cursor?: string): Promise<Answer<RunList>> => get(urls.runs(cursor), wire.runList);
export const run = (id: string): Promise<Answer<Run>> => get(urls.run(id), wire.run);
export const queue = (): Promise<Answer<Queue>> => get(urls.queue, wire.queue);
export const environment = (id: string): Promise<Answer<Environment>> => get(urls.environment(id), wire.environment);
export const builds = (id: string): Promise<Answer<BuildList>> => get(urls.builds(id), wire.buildList);
export const phases = (id: string): Promise<Answer<PhaseList>> => get(urls.phases(id), wire.phaseList);
export const objectives = (id: string): Promise<Answer<ObjectiveList>> => get(urls.objectives(id), wire.objectiveList);
export const summaries = (id: string, selection: Selection): Promise<Answer<SummaryList>> =>
  get(urls.summaries(id, selection), wire.summaryList);
export const trials = (id: string, selection: Selection): Promise<Answer<{ items: Trial[] }>> =>
  get(urls.trials(id, selection), wire.trialList);
export const trial = (id: string): Promise<Answer<Trial>> => get(path('trials', id), wire.trial);
export const measurements = (id: string, selection: Selection): Promise<Answer<Measurements>> =>
  get(urls.measurements(id, selection), wire.measurements);
export const samples = (id: string): Promise<Answer<Samples>> => get(urls.samples(id), wire.samples);
export const histogram = (id: string, phase: string): Promise<Answer<Histogram>> =>
  get(urls.histogram(id, phase), wire.histogram);
export const compare = (a: string, b: string, selection: Selection = {}): Promise<Answer<Comparison>> =>
  get(urls.compare(a, b, selection), wire.comparison);
export const leaderboard = (selection: Selection): Promise<Answer<Leaderboard>> =>
  get(urls.leaderboard(selection), wire.leaderboard);
export const metrics = (): Promise<Answer<{ items: Metric[] }>> => get(urls.metrics, wire.metricList);
export const points = (series: string, most: number, selection: Selection): Promise<Answer<Line>> =>
  get(urls.points(series, most, selection), wire.line);

const kPagesOfSeries = 10;

// Of every page, up to 2000.
export async function series(metric: string): Promise<Answer<Series[]>> {
  const all: Series[] = [];
  let next: string | undefined;
  for (let page = 0; page < kPagesOfSeries; page++) {
    const answer = await get(urls.series(metric, next), wire.seriesList);
    if (!answer.ok) return answer;
    all.push(...answer.value.items);
    next = answer.value.next;
    if (next === undefined) break;
  }
  return { ok: true, value: all };
}
export const seconds = (trial: string, phase?: string): Promise<Answer<Seconds>> =>
  get(urls.seconds(trial, phase), wire.seconds);
export const stack = (name: string): Promise<Answer<Stack>> => get(path('stacks', name), wire.oneStack);
export const stacks = (): Promise<Answer<Catalog<Stack>>> => get(urls.stacks, wire.stackList);
export const profiles = (): Promise<Answer<Catalog<Profile>>> => get(urls.profiles, wire.profileList);
export const schedules = (): Promise<Answer<Catalog<Schedule>>> => get(urls.schedules, wire.scheduleList);
export const nextDue = (name: string): Promise<Answer<{ items: Due[] }>> =>
  get(`${path('schedules', name, 'next')}?n=5`, wire.dueList);
export const fires = (name: string): Promise<Answer<{ items: Fire[] }>> =>
  get(`${path('schedules', name, 'history')}?limit=${kMostFires}`, wire.fireList);

export const recentRuns = (): Promise<Answer<RunList>> => get(urls.recentRuns, wire.runList);
export const runSchedule = (name: string): Promise<Answer<Run>> =>
  ask(path('schedules', name, 'run'), wire.run, { method: 'POST' });
export const pauseSchedule = (name: string, paused: boolean): Promise<Answer<Schedule>> =>
  ask(path('schedules', name, paused ? 'pause' : 'resume'), wire.oneSchedule, { method: 'POST' });

// With the same key a second click, or a second try after a lost answer, gives the same run.
export const start = (wanted: NewRun, key: string): Promise<Answer<Run>> =>
  ask(`${kRoot}/runs`, wire.run, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify(wanted),
  });
export const move = (id: string, position: number): Promise<Answer<Run>> =>
  ask(`${path('runs', id, 'move')}?position=${position}`, wire.run, { method: 'POST' });
export const retry = (id: string): Promise<Answer<Run>> => ask(path('runs', id, 'retry'), wire.run, { method: 'POST' });
export const cancel = (id: string): Promise<Answer<Run>> =>
  ask(path('runs', id, 'cancel'), wire.run, { method: 'POST', headers: { 'Content-Type': 'application/json' } });

function get<T>(url: string, decode: Decoder<T | Promise<T>>): Promise<Answer<T>> {
  return ask(url, decode, {});
}

export async function buildLog(run: string, name: string): Promise<Answer<string>> {
  const url = urls.buildLog(run, name);
  const response = await send(url, {});
  if (response === undefined) return silent();
  const value = await response.text();
  return response.ok ? { ok: true, value } : failed(response.status, 'No log', `${url} answered ${response.status}.`);
}

// What was asked before anybody wanted it, by its address; each answer is given away once.
const early = new Map<string, Promise<Response | undefined>>();
let hasFailed = false; // one of them: what would have been asked after it is not
const kAsJson = { Accept: 'application/json' };

export function askEarly(addresses: string[]): void {
  for (const url of addresses) early.set(url, send(url, { headers: kAsJson }));
}

// Answers that nobody took show that a page asks something else by now.
export function forgetEarly(): void {
  for (const [url, answer] of early) {
    void answer.then((response) => response?.body?.cancel());
    if (!hasFailed) console.warn(`nobody wanted ${url}`);
  }
  early.clear();
}

async function taken(url: string): Promise<Response | undefined> {
  const asked = early.get(url);
  early.delete(url);
  const answer = await asked;
  if (asked && !answer?.ok) hasFailed = true;
  return answer;
}

async function send(url: string, init: RequestInit): Promise<Response | undefined> {
  try {
    return await fetch(url, init);
  } catch {
    return undefined;
  }
}

async function ask<T>(url: string, decode: Decoder<T | Promise<T>>, init: RequestInit): Promise<Answer<T>> {
  const asked = init.method === undefined ? await taken(url) : undefined;
  const response = asked ?? (await send(url, { ...init, headers: { ...kAsJson, ...init.headers } }));
  if (response === undefined) return silent();
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    return failed(response.status, 'Unexpected response', `${url} answered ${response.status}, but not with JSON.`);
  }
  try {
    if (response.ok) return { ok: true, value: await decode(body, '') };
    return { ok: false, problem: wire.problem(body, '') };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return failed(response.status, 'Unexpected response', `${url}: ${error.message}`);
  }
}

function silent<T>(): Answer<T> {
  return failed(0, 'No response', 'The daemon did not respond. Is dynod still running?');
}

function failed<T>(status: number, title: string, detail: string): Answer<T> {
  return { ok: false, problem: { status, title, detail } };
}
