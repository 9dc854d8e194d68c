// One run followed while it goes on.
import { type Signal, signal } from '@preact/signals';
import { type Mode, watch } from '../api/events';
import { kLogLines, kNothingYet, type Live, withBuild, withEvent, withSample } from '../model/live';
import { hasEnded, type Run } from '../model/run';

interface Following {
  live: Signal<Live>;
  mode: Signal<Mode | 'connecting'>;
  stop(): void;
}

type Step = (live: Live) => Live;

// A tab in the background draws no frames; what it learns meanwhile is folded once it is this much.
const kWaitingSteps = 1000;

// However much arrives, a page is drawn once a frame.
export function follow(run: string): Following {
  const live = signal<Live>(kNothingYet);
  const mode = signal<Mode | 'connecting'>('connecting');
  let waiting: Step[] = [];
  let frame: number | undefined;
  const fold = () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    const steps = waiting;
    waiting = [];
    live.value = steps.reduce((value, step) => step(value), live.value);
  };
  const change = (step: Step) => {
    waiting.push(step);
    if (waiting.length >= kWaitingSteps) fold();
    else frame ??= requestAnimationFrame(fold);
  };
  const stopWatching = watch(run, kLogLines, {
    onEvent: (event) => change((value) => withEvent(value, event)),
    onSample: (sample) => change((value) => withSample(value, sample)),
    onBuild: (build) => change((value) => withBuild(value, build)),
    onRun: (now: Run) =>
      change((value) => {
        const next: Live = { ...value, state: now.state, ended: hasEnded(now.state) };
        if (now.progress) next.progress = now.progress;
        return next;
      }),
    onMode: (now) => {
      mode.value = now;
    },
  });
  const stop = () => {
    stopWatching();
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
  return { live, mode, stop };
}
