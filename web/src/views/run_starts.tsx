// The starts of all stacks of a run, step by step, on one logarithmic axis.
import * as client from '../api/client';
import type { Entry } from '../model/board';
import type { Run } from '../model/run';
import { counted, exact, withUnit } from '../model/units';
import { middleStart, type Span, timedStarts, waterfallOf } from '../model/waterfall';
import { logAxis } from './charts/axis';
import { Glyph } from './charts/glyph';
import { Waterfall } from './charts/waterfall';
import { Figure } from './parts/figure';
import { useFound, usePart } from './parts/long_list';
import { Loaded } from './parts/states';
import { type Cell, Table } from './parts/table';
import { useLoad } from './use_load';

interface Start {
  entry: Entry;
  spans: Span[];
  n: number; // starts that were measured
}

const kAtOnce = 8;

export function StartMultiples({ run, entries }: { run: Run; entries: Entry[] }) {
  const found = useFound(entries, (entry) => ({ name: entry.case, title: entry.title }));
  const { part, more } = usePart(found, kAtOnce);
  const starts = useLoad(`waterfalls ${run.id} ${part.map((entry) => entry.case).join()}`, () => startsOf(run, part));
  return (
    <Loaded load={starts.now.value} what="the starts" again={starts.reload}>
      {(all) => <Multiples run={run} starts={all} more={more} />}
    </Loaded>
  );
}

// One question for each stack: what came for one is read while the others are on their way.
async function startsOf(run: Run, entries: Entry[]): Promise<client.Answer<Start[]>> {
  const answers = await Promise.all(entries.map((entry) => client.trials(run.id, { case: [entry.case] })));
  const starts: Start[] = [];
  for (const [i, answer] of answers.entries()) {
    if (!answer.ok) return answer;
    const trial = middleStart(answer.value.items);
    const spans = trial?.startup ? waterfallOf(trial.startup) : [];
    starts.push({ entry: entries[i] as Entry, spans, n: timedStarts(answer.value.items).length });
  }
  return { ok: true, value: starts };
}

function Multiples({ run, starts, more }: { run: Run; starts: Start[]; more: preact.ComponentChildren }) {
  const timed = starts.filter(({ spans }) => spans.length > 0);
  const ends = timed.flatMap(({ spans }) => spans.map((span) => span.to_ns)).filter((end) => end > 0);
  if (ends.length === 0) return null;
  const axis = logAxis('ns', ends);
  const without = starts.filter(({ spans }) => spans.length === 0).map(({ entry }) => entry.title);
  const names = [...new Map(timed.flatMap(({ spans }) => spans.map((span) => [span.name, span.meaning])))];
  return (
    <Figure
      wide
      title="Starts step by step"
      sentence={`The median start of each stack, from container creation on, all on one logarithmic axis.${
        without.length === 0 ? '' : ` No start was measured of ${without.join(', ')}.`
      }`}
      source={client.urls.trials(run.id, { case: timed.map(({ entry }) => entry.case) })}
      reading={`Steps: ${names.map(([name, meaning]) => `${name} (${meaning})`).join(', ')}.`}
      table={
        <Table
          caption="The median start of each stack: how long each step took."
          rows={timed}
          rowKey={({ entry }) => entry.case}
          columns={[
            {
              key: 'case',
              title: 'Stack',
              head: true,
              cell: ({ entry }) => ({ text: entry.title, small: entry.stack.name, sort: entry.case }),
            },
            ...names.map(([name]) => ({
              key: name,
              title: name,
              number: true,
              cell: ({ spans }: Start) => tookCell(spans.find((span) => span.name === name)),
            })),
          ]}
        />
      }
    >
      <ul class="multiples">
        {timed.map(({ entry, spans, n }) => (
          <li key={entry.case}>
            <p class="line">
              <Glyph slot={entry.slot} />
              <b>{entry.title}</b>
              <small class="soft">{n === 1 ? 'its only start' : `median of ${counted(n, 'start')}`}</small>
            </p>
            <Waterfall spans={spans} slot={entry.slot} axis={axis} />
          </li>
        ))}
      </ul>
      {more}
    </Figure>
  );
}

function tookCell(span: Span | undefined): Cell {
  if (span === undefined) return { text: '–', title: 'not measured' };
  const took = span.to_ns - span.from_ns;
  return { text: withUnit('ns', took), title: exact('ns', took), sort: took };
}
