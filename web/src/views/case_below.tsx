// What the page of a case shows below its first view: all its starts, one of them step by step, and every trial.
import * as client from '../api/client';
import type { Run } from '../model/run';
import { kStarts } from '../model/selection';
import type { Measurement, Trial } from '../model/trial';
import type { Loader } from '../state/load';
import { StartupStrip, StartWaterfall } from './case_starts';
import { TrialTable } from './case_trials';
import { Later } from './parts/later';
import { Loaded } from './parts/states';
import { useLoad } from './use_load';

interface Props {
  run: Run;
  name: string; // of the case
  own: Trial[];
  slot: number;
  chosen: Trial | undefined;
  choose: (id: string) => void;
  phase: string | undefined;
  title: string | undefined; // of the phase
  measured: Loader<Map<string, Measurement[]>>; // by trial
}

export function CaseBelow({ run, name, own, slot, chosen, choose, phase, title, measured }: Props) {
  const starts = useLoad(`starts ${run.id}`, () => client.summaries(run.id, kStarts));
  return (
    <>
      <div class="two">
        <Loaded load={starts.now.value} what="the starts" again={starts.reload}>
          {(all) => <StartupStrip run={run} starts={all} own={own} now={name} />}
        </Loaded>
        <StartWaterfall trials={own} slot={slot} chosen={chosen} choose={choose} />
      </div>
      <Later wide>
        <TrialTable trials={own} phase={phase} title={title} all={measured} />
      </Later>
    </>
  );
}
