// How far a run is: its stacks × blocks, each cell done, being measured or still to come. Pure.
import type { Progress, Run } from './run';
import type { Trial } from './trial';

export type Stage = 'ran' | 'marked' | 'failed' | 'now' | 'open';

export interface BlockRow {
  stack: string;
  title: string;
  cells: { block: number; stage: Stage }[];
}

export function blocksOf(run: Run, trials: Trial[], progress: Progress | undefined): BlockRow[] {
  const loaded = trials.filter((trial) => trial.kind !== 'startup' && trial.state !== 'interrupted');
  const now = progress?.case === undefined ? undefined : progress.case.slice(0, progress.case.lastIndexOf('/'));
  return run.stacks.map((stack) => ({
    stack: stack.name,
    title: stack.title ?? stack.name,
    cells: Array.from({ length: run.blocks }, (_, i) => {
      const block = i + 1;
      const own = loaded.filter((trial) => trial.stack === stack.name && trial.block === block);
      const isNow = progress?.block === block && now === stack.name;
      return { block, stage: isNow ? 'now' : stageOf(own) };
    }),
  }));
}

function stageOf(trials: Trial[]): Stage {
  if (trials.length === 0) return 'open';
  if (trials.some((trial) => trial.state === 'failed')) return 'failed';
  if (trials.some((trial) => trial.state !== 'succeeded')) return 'now';
  return trials.every((trial) => trial.verdict.validity === 'valid') ? 'ran' : 'marked';
}
