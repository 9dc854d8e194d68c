// What is known about a run in progress: events and samples folded into one value. Pure.
import type { LiveBuild } from './build';
import { hasEnded, type Progress } from './run';

export interface RunEvent {
  id: number;
  run: string;
  at: string;
  kind: string;
  trial?: string;
  case?: string;
  step?: string;
  phase?: string;
  text: string;
  state?: string;
  progress?: Progress;
}

export interface LiveSample {
  run: string;
  progress: Progress;
  rate_per_s: number;
  p99_ns?: number;
  errors: number;
  private_bytes?: number;
}

export interface LivePoint {
  rate_per_s: number;
  p99_ns?: number;
  case?: string;
  phase?: string;
}

export interface Live {
  state?: string;
  progress?: Progress;
  build?: LiveBuild; // the image that is being built
  points: LivePoint[]; // the last kKept seconds of load
  log: RunEvent[]; // newest first
  lastId: number;
  ended: boolean;
}

const kKept = 120;
export const kLogLines = 200;

export const kNothingYet: Live = { points: [], log: [], lastId: 0, ended: false };

// An event that was seen before (a resumed stream may repeat) changes nothing.
export function withEvent(live: Live, event: RunEvent): Live {
  if (event.id <= live.lastId) return live;
  const state = event.state ?? live.state;
  const { build, ...rest } = live;
  const next: Live = {
    ...rest,
    log: [event, ...live.log].slice(0, kLogLines),
    lastId: event.id,
    ended: live.ended || (event.state !== undefined && hasEnded(event.state)),
  };
  if (build !== undefined && event.kind !== 'build' && !next.ended) next.build = build;
  if (state !== undefined) next.state = state;
  const progress = event.progress ?? live.progress;
  if (progress) next.progress = progress;
  return next;
}

export function withSample(live: Live, sample: LiveSample): Live {
  const point: LivePoint = { rate_per_s: sample.rate_per_s };
  if (sample.progress.case !== undefined) point.case = sample.progress.case;
  if (sample.progress.phase !== undefined) point.phase = sample.progress.phase;
  if (sample.p99_ns !== undefined) point.p99_ns = sample.p99_ns;
  return { ...live, progress: sample.progress, points: [...live.points, point].slice(-kKept) };
}

export function withBuild(live: Live, build: LiveBuild): Live {
  return { ...live, build };
}
