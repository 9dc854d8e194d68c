// The objectives of a run's stacks: kept, broken or undecided, with the figure and its interval. Nothing where there are none.
import * as client from '../../api/client';
import {
  kObjectiveTags,
  objectiveFinding,
  objectiveIntervals,
  objectivesInOrder,
  objectivesSentence,
} from '../../model/objective';
import type { Run } from '../../model/run';
import { caseTitle } from '../../model/titles';
import { useKept, useLoad } from '../use_load';

export function Objectives({ run, newest }: { run: Run; newest: number }) {
  const objectives = useLoad(`objectives ${run.id} ${newest}`, () => client.objectives(run.id));
  const load = useKept(objectives.now.value);
  if (load.status !== 'ready' || load.value.items.length === 0) return null;
  const items = objectivesInOrder(load.value.items);
  const hasCases = new Set(items.map((one) => one.case)).size > 1;
  return (
    <section class="card" aria-labelledby="objectives">
      <h2 id="objectives">{objectivesSentence(items)}</h2>
      <ul class="plain">
        {items.map((one) => (
          <li key={`${one.case} ${one.file} ${one.line} ${one.objective}`}>
            <span class={`tag ${kObjectiveTags[one.state] ?? ''}`}>{one.state}</span>{' '}
            {hasCases && `${caseTitle(run, one.case)}: `}
            <span title={`${one.file}, line ${one.line}`}>{one.objective}</span>:{' '}
            <span class="soft">{objectiveFinding(one)}</span>
          </li>
        ))}
      </ul>
      <p class="soft small">
        {objectiveIntervals(items)} Kept or broken where all of one lies on one side of the limit.
      </p>
    </section>
  );
}
