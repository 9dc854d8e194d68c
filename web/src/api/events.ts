// Follows one run: by its event stream, or by asking every two seconds when no stream can be had
// (the daemon allows a limited number of them). One stream a page: watching again ends the one before.
import type { LiveBuild } from '../model/build';
import type { LiveSample, RunEvent } from '../model/live';
import { hasEnded, type Run } from '../model/run';
import * as client from './client';
import { DecodeError, type Decoder } from './decode';
import * as wire from './wire';

export type Mode = 'stream' | 'polling' | 'ended';

interface Watcher {
  onEvent(event: RunEvent): void;
  onSample(sample: LiveSample): void;
  onBuild(build: LiveBuild): void;
  onRun(run: Run): void;
  onMode(mode: Mode): void;
}

const kPollEveryMs = 2000;
const kStoredEvents = ['state', 'phase', 'log', 'done'];

let stopCurrent: (() => void) | undefined;

// `last`: with how many of the events so far the stream begins.
export function watch(run: string, last: number, watcher: Watcher): () => void {
  stopCurrent?.();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const source = new EventSource(client.urls.events(run, last));
  const stop = () => {
    over = true;
    source.close();
    clearTimeout(timer);
    if (stopCurrent === stop) stopCurrent = undefined;
  };
  stopCurrent = stop;

  source.onopen = () => watcher.onMode('stream');
  for (const name of kStoredEvents) {
    source.addEventListener(name, (message) => {
      const event = decoded(message, wire.runEvent);
      if (event) watcher.onEvent(event);
      if (name === 'done') {
        stop();
        watcher.onMode('ended');
      }
    });
  }
  source.addEventListener('sample', (message) => {
    const sample = decoded(message, wire.liveSample);
    if (sample) watcher.onSample(sample);
  });
  source.addEventListener('build', (message) => {
    const build = decoded(message, wire.liveBuild);
    if (build) watcher.onBuild(build);
  });
  source.onerror = () => {
    // CONNECTING: the browser tries again by itself and resumes by the last id.
    if (over || source.readyState !== EventSource.CLOSED) return;
    watcher.onMode('polling');
    poll();
  };

  async function poll(): Promise<void> {
    const answer = await client.run(run);
    if (over) return;
    if (answer.ok) {
      watcher.onRun(answer.value);
      if (hasEnded(answer.value.state)) {
        stop();
        watcher.onMode('ended');
        return;
      }
    }
    timer = setTimeout(poll, kPollEveryMs);
  }
  return stop;
}

function decoded<T>(message: MessageEvent, decode: Decoder<T>): T | undefined {
  try {
    return decode(JSON.parse(String(message.data)), '');
  } catch (error) {
    if (error instanceof DecodeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
