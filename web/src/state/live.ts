// One run followed while it goes on.
import { type Signal, signal } from '@preact/signals';
import { type Mode, watch } from '../api/events';
import { kNothingYet, type Live, withEvent, withSample } from '../model/live';
import { hasEnded, type Run } from '../model/run';

interface Following {
  live: Signal<Live>;
  mode: Signal<Mode | 'connecting'>;
  stop(): void;
}

export function follow(run: string): Following {
  const live = signal<Live>(kNothingYet);
  const mode = signal<Mode | 'connecting'>('connecting');
  const stop = watch(run, 0, {
    onEvent: (event) => {
      live.value = withEvent(live.value, event);
    },
    onSample: (sample) => {
      live.value = withSample(live.value, sample);
    },
    onRun: (now: Run) => {
      const next: Live = { ...live.value, state: now.state, ended: hasEnded(now.state) };
      if (now.progress) next.progress = now.progress;
      live.value = next;
    },
    onMode: (now) => {
      mode.value = now;
    },
  });
  return { live, mode, stop };
}
