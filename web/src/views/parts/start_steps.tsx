// Starts of several stacks or sides, one of each, step by step on one logarithmic axis.
import type { ComponentChildren } from 'preact';
import type { Trial } from '../../model/trial';
import { counted, exact, withUnit } from '../../model/units';
import { middleStart, type Span, timedStarts, waterfallOf } from '../../model/waterfall';
import { logAxis } from '../charts/axis';
import { Glyph } from '../charts/glyph';
import { Waterfall } from '../charts/waterfall';
import { Figure } from './figure';
import { type Cell, Table } from './table';

export interface Start {
  spans: Span[]; // none: no start was measured
  n: number; // starts that were measured
}

// The median start of these trials.
export function startOf(trials: Trial[]): Start {
  const trial = middleStart(trials);
  return { spans: trial?.startup ? waterfallOf(trial.startup) : [], n: timedStarts(trials).length };
}

interface Named extends Start {
  key: string;
  title: string;
  name?: string; // in the table, below the title
  slot: number;
}

interface Props {
  title: string;
  sentence: string;
  head: string; // of the table's first column
  source?: string;
  starts: Named[];
  children?: ComponentChildren;
}

export function StartSteps({ title, sentence, head, source, starts, children }: Props) {
  const timed = starts.filter(({ spans }) => spans.length > 0);
  const ends = timed.flatMap(({ spans }) => spans.map((span) => span.to_ns)).filter((end) => end > 0);
  if (ends.length === 0) return null;
  const axis = logAxis('ns', ends);
  const without = starts.filter(({ spans }) => spans.length === 0).map((each) => each.title);
  const names = [...new Map(timed.flatMap(({ spans }) => spans.map((span) => [span.name, span.meaning])))];
  return (
    <Figure
      wide
      title={title}
      sentence={`${sentence}${without.length === 0 ? '' : ` No start was measured of ${without.join(', ')}.`}`}
      {...(source === undefined ? {} : { source })}
      reading={`Steps: ${names.map(([name, meaning]) => `${name} (${meaning})`).join(', ')}.`}
      table={
        <Table
          caption={`${title}: how long each step of the median start took.`}
          rows={timed}
          rowKey={({ key }) => key}
          columns={[
            {
              key: 'case',
              title: head,
              head: true,
              cell: (each) => ({
                text: each.title,
                ...(each.name === undefined ? {} : { small: each.name }),
                sort: each.key,
              }),
            },
            ...names.map(([name]) => ({
              key: name,
              title: name,
              number: true,
              cell: ({ spans }: Named) => tookCell(spans.find((span) => span.name === name)),
            })),
          ]}
        />
      }
    >
      <ul class="multiples">
        {timed.map((each) => (
          <li key={each.key}>
            <p class="line">
              <Glyph slot={each.slot} />
              <b>{each.title}</b>
              <small class="soft">{each.n === 1 ? 'its only start' : `median of ${counted(each.n, 'start')}`}</small>
            </p>
            <Waterfall spans={each.spans} slot={each.slot} axis={axis} />
          </li>
        ))}
      </ul>
      {children}
    </Figure>
  );
}

function tookCell(span: Span | undefined): Cell {
  if (span === undefined) return { text: '–', title: 'not measured' };
  const took = span.to_ns - span.from_ns;
  return { text: withUnit('ns', took), title: exact('ns', took), sort: took };
}
