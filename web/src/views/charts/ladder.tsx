// Several marks of one quantity per row: percentiles on a logarithmic axis, or memory at several moments on a linear one.

import type { Entry } from '../../model/board';
import type { MetricName } from '../../model/metric';
import { exactWithGates, gateTexts, rangeText, type Summary, valueText } from '../../model/summary';
import type { Unit } from '../../model/units';
import { useFound, usePart } from '../parts/long_list';
import { trialsText } from '../parts/metric_table';
import { Reason } from '../parts/reason';
import { AxisRow, axisTo, GridLines, logAxis } from './axis';
import { Glyph, MarkAt, tintOf } from './glyph';

export interface Rung {
  metric: MetricName;
  label: string;
}

interface Props {
  entries: Entry[];
  rungs: Rung[];
  shown: MetricName; // the metric whose value is written out
  unit: Unit;
  log: boolean;
}

// Marks of the rungs, in order: hollow, half and full, then a bar.
const kRungMarks = [
  <circle key="0" class="dot" r="4.500" />,
  <path key="1" class="dot" d="M0-5L5 0L0 5L-5 0Z" />,
  <circle key="2" class="glyph" r="5" />,
  <path key="3" class="glyph" d="M-1.500-7H1.500V7H-1.500Z" />,
];

export function Ladder({ entries, rungs, shown: written, unit, log }: Props) {
  const shown = entries
    .map((entry) => ({
      entry,
      marks: rungs.flatMap((rung, i) => {
        const summary = entry.of.get(rung.metric);
        return summary === undefined ? [] : [{ rung, summary, value: summary.value, i }];
      }),
    }))
    .filter(({ entry, marks }) => marks.length > 0 || rungs.some((rung) => entry.absent.has(rung.metric)));
  const { part, more } = usePart(useFound(shown, ({ entry }) => ({ name: entry.case, title: entry.title })));
  const values = shown.flatMap(({ marks }) => marks.map((m) => m.value));
  if (values.length === 0) return <NothingMeasured entries={entries} rungs={rungs} />;
  const axis = log ? logAxis(unit, values) : axisTo(unit, Math.max(...values));
  return (
    <div class="rows">
      <ol class="rows">
        {part.map(({ entry, marks }) => {
          const xs = marks.filter((m) => m.summary.validity !== 'invalid').map((m) => axis.at(m.value));
          const told = entry.of.get(written);
          return (
            <li class={`row s${tintOf(entry.slot)}${told?.validity === 'invalid' ? ' struck' : ''}`} key={entry.case}>
              <span class="who">
                <Glyph slot={entry.slot} />
                <span>{entry.title}</span>
                {entry.tuned && <span class="tag">tuned</span>}
              </span>
              <div class="track-cell" aria-hidden="true">
                <svg class="track">
                  <GridLines axis={axis} />
                  {xs.length > 0 && (
                    <line class="bar-edge" x1={`${Math.min(...xs)}%`} x2={`${Math.max(...xs)}%`} y1="50%" y2="50%" />
                  )}
                  {marks.map((mark) => (
                    <MarkAt key={mark.rung.metric} x={axis.at(mark.value)}>
                      <RungMark mark={mark.i} summary={mark.summary} />
                    </MarkAt>
                  ))}
                </svg>
              </div>
              <span class="value">
                <b title={told && exactWithGates(told)}>{told ? valueText(told) : '–'}</b>
                <small>
                  {rungs.find((rung) => rung.metric === written)?.label}
                  {told && told.validity !== 'invalid' && ` · ${trialsText(told.n)}`}
                </small>
                {told && <small>{rangeText(told)}</small>}
                <Reasons entry={entry} rungs={rungs} />
              </span>
            </li>
          );
        })}
      </ol>
      {more}
      <AxisRow axis={axis} />
    </div>
  );
}

function NothingMeasured({ entries, rungs }: { entries: Entry[]; rungs: Rung[] }) {
  const reasons = new Set(entries.flatMap((entry) => rungs.flatMap(({ metric }) => entry.absent.get(metric) ?? [])));
  return <p class="soft">Not measured in this run{reasons.size > 0 && `: ${[...reasons].join('; ')}`}.</p>;
}

// A figure that a gate struck out keeps its place, faint and crossed.
function RungMark({ mark, summary }: { mark: number; summary: Summary }) {
  const shape = kRungMarks[mark % kRungMarks.length];
  if (summary.validity !== 'invalid') return <>{shape}</>;
  return (
    <g class="void">
      {shape}
      <path class="cross" d="M-7 7L7-7" />
    </g>
  );
}

// Why figures are struck out, degraded or absent.
function Reasons({ entry, rungs }: { entry: Entry; rungs: Rung[] }) {
  const said = rungs.flatMap(({ metric, label }) => {
    const summary = entry.of.get(metric);
    if (summary === undefined) {
      const reason = entry.absent.get(metric);
      return reason === undefined ? [] : [{ label, what: 'not measured', reason }];
    }
    return summary.validity === 'valid'
      ? []
      : [{ label, what: summary.validity, reason: gateTexts(summary).join(' ') }];
  });
  // What several of them share is said once.
  const groups = new Map<string, { labels: string[]; what: string; reason: string }>();
  for (const { label, what, reason } of said) {
    const key = `${what} ${reason}`;
    groups.set(key, { labels: [...(groups.get(key)?.labels ?? []), label], what, reason });
  }
  return (
    <>
      {[...groups.values()].map(({ labels, what, reason }) => (
        <Reason key={labels.join()} mark={`${labels.join(', ')}: ${what}`} reason={reason} tone="warn" />
      ))}
    </>
  );
}

export function RungKey({ rungs }: { rungs: Rung[] }) {
  return (
    <ul class="key s9">
      {rungs.map((rung, i) => (
        <li key={rung.metric}>
          <svg viewBox="-10 -8 20 16" aria-hidden="true">
            {kRungMarks[i % kRungMarks.length]}
          </svg>
          {rung.label}
        </li>
      ))}
    </ul>
  );
}
