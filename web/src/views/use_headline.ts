// What a run says first: the figures of its first closed-loop phase.
import * as client from '../api/client';
import { type Board, boardOf } from '../model/board';
import type { Run } from '../model/run';
import { headlineOf } from '../model/selection';
import { useLoad } from './use_load';

export interface Headline {
  board: Board;
  wanted: string | undefined; // the phase
}

// Nothing where there is none. `how`: as of useLoad.
export function useHeadline(run: Run, how: { isAwaited?: boolean } = {}): Headline | 'loading' | undefined {
  const phases = useLoad(`phases ${run.id}`, () => client.phases(run.id), how);
  const known = phases.now.value;
  const all = known.status === 'ready' ? known.value.items : [];
  const wanted = (all.find((each) => each.loop === 'closed') ?? all[0])?.phase;
  const summaries = useLoad(
    `headline ${run.id} ${wanted}`,
    () => (wanted === undefined ? undefined : client.summaries(run.id, headlineOf(wanted))),
    how,
  );
  const load = summaries.now.value;
  if (known.status === 'loading' || (wanted !== undefined && load.status === 'loading')) return 'loading';
  if (load.status !== 'ready' || load.value.items.length === 0) return undefined;
  return { board: boardOf(run, load.value, wanted), wanted };
}
