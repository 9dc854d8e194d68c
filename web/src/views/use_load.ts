// Ties something loaded to the life of a view.
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Answer } from '../api/client';
import { expect } from '../state/arrival';
import { type Load, type Loader, loader } from '../state/load';

// `key` says what is asked for; another key is another question. `ask` gives nothing where that needs the answer to another one first: then it is
// loading, and nobody waits for it. `everyMs`: asked again so often while wanted. `isAwaited`: whether the page has arrived only with it.
export function useLoad<T>(
  key: string,
  ask: () => Promise<Answer<T>> | undefined,
  { everyMs, isAwaited = true }: { everyMs?: number; isAwaited?: boolean } = {},
): Loader<T> {
  const made = useMemo(() => loader(ask), [key]);
  // Before the frame is drawn: whoever waits for all answers must know of this question by then.
  useLayoutEffect(() => {
    const came = isAwaited ? expect() : () => {};
    void made.reload().then(came);
    return () => {
      made.stop();
      came();
    };
  }, [made]);
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => void made.reload(), everyMs);
    return () => clearInterval(timer);
  }, [made, everyMs]);
  return made;
}

// What was there stays until there is something else: where a choice changes, what was opened stays open and nothing jumps.
export function useKept<T>(load: Load<T>): Load<T> {
  const kept = useRef(load);
  if (load.status !== 'loading') kept.current = load;
  return kept.current;
}
