// Stacks × blocks of a run in progress: what is done and how sound it is, what is measured now, what is still to come.
import { useEffect } from 'preact/hooks';
import * as client from '../../api/client';
import { blocksOf, type Stage } from '../../model/blocks';
import type { Progress, Run } from '../../model/run';
import { useLoad } from '../use_load';
import { usePart } from './long_list';

const kStages: Record<Stage, [string, string]> = {
  ran: ['✓', 'done, valid'],
  marked: ['~', 'done, a gate marked it'],
  failed: ['✕', 'failed'],
  now: ['●', 'now'],
  open: ['·', 'to come'],
};

// `newest` changes where a trial has ended.
export function BlockGrid(props: { run: Run; progress: Progress | undefined; newest: number | undefined }) {
  const { run, newest } = props;
  const trials = useLoad(`trials so far ${run.id}`, () => client.trials(run.id, {}));
  useEffect(() => {
    if (newest !== undefined) void trials.reload();
  }, [newest]);
  const load = trials.now.value;
  const rows = load.status === 'ready' ? blocksOf(run, load.value.items, props.progress) : [];
  const { part, more } = usePart(rows);
  if (rows.length === 0 || run.blocks === 0) return null;
  return (
    <section class="card" aria-labelledby="blocks">
      <h2 id="blocks">Blocks and stacks</h2>
      <div class="scroll">
        <table class="blocks">
          <caption class="unseen">Each stack in each block: done, now, or to come.</caption>
          <thead>
            <tr>
              <th scope="col">Stack</th>
              {Array.from({ length: run.blocks }, (_, i) => (
                <th key={i} scope="col" class="number">
                  {i + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {part.map((row) => (
              <tr key={row.stack}>
                <th scope="row">{row.title}</th>
                {row.cells.map(({ block, stage }) => (
                  <td key={block} class={stage} title={`Block ${block}: ${kStages[stage][1]}`}>
                    <span aria-hidden="true">{kStages[stage][0]}</span>
                    <span class="unseen">{kStages[stage][1]}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more}
      <ul class="key">
        {Object.entries(kStages).map(([stage, [sign, title]]) => (
          <li key={stage}>
            <span aria-hidden="true">{sign}</span> {title}
          </li>
        ))}
      </ul>
    </section>
  );
}
