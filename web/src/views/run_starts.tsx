// The starts of all stacks of a run, step by step, on one logarithmic axis.
import * as client from '../api/client';
import type { Entry } from '../model/board';
import type { Run } from '../model/run';
import { useFound, usePart } from './parts/long_list';
import { type Start, StartSteps, startOf } from './parts/start_steps';
import { Loaded } from './parts/states';
import { useLoad } from './use_load';

const kAtOnce = 8;

export function StartMultiples({ run, entries }: { run: Run; entries: Entry[] }) {
  const found = useFound(entries, (entry) => ({ name: entry.case, title: entry.title }));
  const { part, more } = usePart(found, kAtOnce);
  const starts = useLoad(`waterfalls ${run.id} ${part.map((entry) => entry.case).join()}`, () => startsOf(run, part));
  return (
    <Loaded load={starts.now.value} what="the starts" again={starts.reload}>
      {(all) => (
        <StartSteps
          title="Starts step by step"
          sentence="The median start of each stack, from container creation on, all on one logarithmic axis."
          head="Stack"
          source={client.urls.trials(run.id, {
            case: all.filter(({ spans }) => spans.length > 0).map(({ entry }) => entry.case),
          })}
          starts={all.map(({ entry, ...start }) => ({
            ...start,
            key: entry.case,
            title: entry.title,
            name: entry.stack.name,
            slot: entry.slot,
          }))}
        >
          {more}
        </StartSteps>
      )}
    </Loaded>
  );
}

// One question for each stack: what came for one is read while the others are on their way.
function startsOf(run: Run, entries: Entry[]): Promise<client.Answer<(Start & { entry: Entry })[]>> {
  return client.all(
    entries.map(async (entry) => {
      const answer = await client.trials(run.id, { case: [entry.case] });
      return client.mapped(answer, ({ items }) => ({ ...startOf(items), entry }));
    }),
  );
}
