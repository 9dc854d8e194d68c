// The arrows of one start: create → start → exec → listen → first 200 (→ first 200 of the deep check). Pure.
import type { Startup, Trial } from './trial';

export interface Span {
  name: string;
  meaning: string;
  from_ns: number; // since the create call
  to_ns: number;
}

export function waterfallOf(startup: Startup): Span[] {
  const marks = startup.marks;
  const steps: [string, string, number | undefined][] = [
    ['create', 'the engine makes the container', marks.start_call_ns],
    ['start', 'the engine starts it, up to exec of the program', marks.exec_ns],
    ['boot', 'exec to the first accepted connection', marks.listen_ns],
    ['first answer', 'first accepted connection to the first 200', marks.first_good_ns],
    ['ready', 'to the first 200 of the deep check', marks.first_deep_ns],
  ];
  const spans: Span[] = [];
  let from = 0;
  for (const [name, meaning, to] of steps) {
    if (to === undefined) continue; // not measured: the next span begins where this one did
    spans.push({ name, meaning, from_ns: from, to_ns: to });
    from = to;
  }
  return spans;
}

// The start whose app start-up is the middle one: a real start, not a mixture of medians.
export function middleStart(trials: Trial[]): Trial | undefined {
  const timed = trials
    .filter((t) => t.startup && t.metrics.app_startup_ns !== undefined)
    .sort((a, b) => (a.metrics.app_startup_ns ?? 0) - (b.metrics.app_startup_ns ?? 0));
  return timed[Math.floor((timed.length - 1) / 2)];
}
