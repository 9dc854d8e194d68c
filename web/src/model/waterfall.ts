// The steps of one start: create → start → exec → listen → first HTTP 200 (→ first HTTP 200 of the deep check). Pure.
import { figureOf, type Startup, type Trial } from './trial';

export interface Span {
  name: string;
  meaning: string;
  from_ns: number; // since the container was created
  to_ns: number;
}

export function waterfallOf(startup: Startup): Span[] {
  const marks = startup.marks;
  const steps: [string, string, number | undefined][] = [
    ['create', 'Docker creates the container', marks.start_call_ns],
    ['start', 'Docker starts it, up to the start of the process', marks.exec_ns],
    ['boot', 'process start to the first accepted connection', marks.listen_ns],
    ['first response', 'first accepted connection to the first HTTP 200', marks.first_good_ns],
    ['ready', 'up to the first HTTP 200 of the deep check', marks.first_deep_ns],
  ];
  const spans: Span[] = [];
  let from = 0;
  for (const [name, meaning, to] of steps) {
    if (to === undefined) continue; // not measured: the next step begins where this one did
    spans.push({ name, meaning, from_ns: from, to_ns: to });
    from = to;
  }
  return spans;
}

// Those whose start was measured, by start-up time.
export function timedStarts(trials: Trial[]): Trial[] {
  return trials
    .filter((t) => t.state !== 'interrupted' && t.startup && figureOf(t, 'app_startup_ns') !== undefined)
    .sort((a, b) => (figureOf(a, 'app_startup_ns') ?? 0) - (figureOf(b, 'app_startup_ns') ?? 0));
}

// The start with the median start-up time: a real start, not a mixture of medians.
export function middleStart(trials: Trial[]): Trial | undefined {
  const timed = timedStarts(trials);
  return timed[Math.floor((timed.length - 1) / 2)];
}
