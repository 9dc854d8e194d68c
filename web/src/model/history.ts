// The line of a figure over all runs, several of them on one axis of time, and what is said about them. Pure.
import { type Compared, changeText, verdictText } from './compare';
import type { MetricName } from './metric';
import { unitOf } from './summary';
import { scaleFor, spreadText, stamp, withUnit } from './units';

export interface Series {
  id: string;
  profile: string;
  case: string;
  stack: string;
  phase?: string;
  metric: MetricName;
  title: string;
  unit: string;
  better: string;
  last_at?: string;
}

export interface SeriesList {
  items: Series[];
  next?: string;
}

export interface Segment {
  first_at: string;
  last_at: string;
  points: number;
  environment_key: string;
  class: string;
  profile_hash: string;
  breaks: string[];
}

export interface Point {
  at: string;
  run: string;
  segment: number;
  n: number;
  value?: number;
  ci95?: [number, number];
  range?: [number, number];
  validity: string;
  bound: string;
}

export interface Annotation {
  kind: string;
  at: string;
  run: string;
  text: string;
}

export interface Line {
  series: Series;
  in_all: number;
  segments: Segment[];
  annotations: Annotation[];
  items: Point[];
}

export interface Metric {
  name: string;
  title: string;
  unit: string;
  better: string;
  scope: string;
}

// `undefined`: the other line has a run there and this one has not, and the line goes on; `null`: a break.
export type Values = (number | null | undefined)[];

export interface Course {
  x: number[]; // seconds since 1970
  runs: (string | undefined)[]; // none where a line breaks
  lines: { value: Values; low: Values; high: Values; point: (Point | undefined)[] }[];
}

const kMillis = 1000;

// All lines on one axis: an instant for each run, and one in the middle of each break.
export function courseOf(lines: Line[]): Course {
  const breaks = lines.map(breaksOf);
  const all = new Map<number, string | undefined>();
  for (const at of breaks.flat()) all.set(at, undefined);
  for (const line of lines) for (const point of line.items) all.set(secondsOf(point.at), point.run);
  const x = [...all.keys()].sort((a, b) => a - b);
  return {
    x,
    runs: x.map((at) => all.get(at)),
    lines: lines.map((line, i) => {
      const points = new Map(line.items.map((point) => [secondsOf(point.at), point]));
      const broken = new Set(breaks[i]);
      const each = (of: (point: Point) => number | undefined): Values =>
        x.map((at) => {
          const point = points.get(at);
          if (point !== undefined) return point.n === 0 ? null : (of(point) ?? null);
          return broken.has(at) ? null : undefined;
        });
      return {
        value: each((point) => point.value),
        low: each((point) => spreadOf(point)?.[0] ?? point.value),
        high: each((point) => spreadOf(point)?.[1] ?? point.value),
        point: x.map((at) => points.get(at)),
      };
    }),
  };
}

function breaksOf({ items }: Line): number[] {
  return items.flatMap((point, i) => {
    const before = items[i - 1];
    if (before === undefined || before.segment === point.segment) return [];
    return [(secondsOf(before.at) + secondsOf(point.at)) / 2];
  });
}

export function secondsOf(iso: string): number {
  return Date.parse(iso) / kMillis;
}

export function isoOf(seconds: number): string {
  return `${new Date(Math.floor(seconds) * kMillis).toISOString().slice(0, 19)}Z`;
}

export function spreadOf(point: Point): [number, number] | undefined {
  return point.ci95 ?? point.range;
}

export function pointText(point: Point, unit: string): string {
  if (point.n === 0 || point.value === undefined) return 'struck out';
  return withUnit(unitOf({ unit }), point.value);
}

export function pointSpread(point: Point, unit: string): string {
  const spread = spreadOf(point);
  const trials = point.n === 1 ? '1 trial' : `${point.n} trials`;
  if (spread === undefined || point.value === undefined) return trials;
  return `${spreadText(scaleFor(unitOf({ unit }), point.value), ...spread)}, ${trials}`;
}

// "12 000/s (11 900–12 100, 10 trials) in the last of 30 runs; −5.1 % since 28 Nov 2026, 23:28: no change."
export function lastSentence(line: Line, change: Compared | undefined, before: string | undefined): string {
  const last = line.items[line.items.length - 1];
  if (last === undefined) return 'No run in this range.';
  const { unit } = line.series;
  const value = `${pointText(last, unit)} (${pointSpread(last, unit)})`;
  const runs = line.in_all === 1 ? 'in its only run' : `in the last of ${line.in_all} runs`;
  const since =
    change?.ratio === undefined || before === undefined
      ? 'nothing to compare it with'
      : `${changeText(change.ratio)} since ${stamp(before)}: ${verdictText(change)}`;
  return `${value} ${runs}; ${since}.`;
}

const kBreaks: Record<string, string> = {
  environment: 'the machine or its software changed',
  class: 'the class of the stack changed',
  profile: 'the profile changed',
};

export interface Happening {
  at: string;
  run?: string;
  text: string;
}

// Breaks and annotations, newest first.
export function happeningsOf(lines: Line[], name: (line: Line) => string): Happening[] {
  const several = lines.length > 1;
  const all = lines.flatMap((line) => {
    const prefix = several ? `${name(line)}: ` : '';
    const breaks = line.segments.slice(1).map((segment) => ({
      at: segment.first_at,
      text: `${prefix}${segment.breaks.map((why) => kBreaks[why] ?? why).join(', ')}; not comparable with what was before`,
    }));
    const notes = line.annotations.map((one) => ({
      at: one.at,
      run: one.run,
      text: `${prefix}${annotationText(one)}`,
    }));
    return [...breaks, ...notes];
  });
  return all.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

function annotationText(one: Annotation): string {
  if (one.kind === 'image') return `another image (${one.text.replace('sha256:', '').slice(0, 12)})`;
  if (one.kind === 'excluded') return `left out: ${one.text}`;
  return one.text;
}
