// Several marks of one quantity per row: percentiles on a logarithmic axis, or memory at several moments on a linear one.

import type { Entry } from '../../model/board';
import type { MetricName } from '../../model/metric';
import { share } from '../../model/scale';
import { exact, scaleFor, tickText, type Unit, withUnit } from '../../model/units';
import { trialsText } from '../parts/metric_table';
import { type Axis, AxisRow, anchor, axisTo, GridLines } from './axis';
import { Glyph, MarkAt } from './glyph';

export interface Rung {
  metric: MetricName;
  label: string;
}

interface Props {
  entries: Entry[];
  rungs: Rung[];
  shown: string; // the metric whose value is written out
  unit: Unit;
  log: boolean;
  link: (entry: Entry) => string;
}

// Marks of the rungs, in order: hollow, half and full, then a bar.
const kRungMarks = [
  <circle key="0" class="dot" r="4.500" />,
  <path key="1" class="dot" d="M0-5L5 0L0 5L-5 0Z" />,
  <circle key="2" class="glyph" r="5" />,
  <path key="3" class="glyph" d="M-1.500-7H1.500V7H-1.500Z" />,
];

export function Ladder({ entries, rungs, shown: written, unit, log, link }: Props) {
  const shown = entries
    .map((entry) => ({
      entry,
      marks: rungs.flatMap((rung, i) => {
        const value = entry.of.get(rung.metric)?.value;
        return value === undefined ? [] : [{ rung, value, i }];
      }),
    }))
    .filter(({ marks }) => marks.length > 0);
  const values = shown.flatMap(({ marks }) => marks.map((m) => m.value));
  if (values.length === 0) return <p class="soft">Not measured in this run.</p>;
  const place = log ? logarithmic(unit, values) : linear(unit, Math.max(...values));
  return (
    <div class="rows">
      <ol class="rows">
        {shown.map(({ entry, marks }) => {
          const xs = marks.map((m) => place.at(m.value));
          const told = marks.find((m) => m.rung.metric === written);
          return (
            <li class={`row s${entry.slot}`} key={entry.case}>
              <span class="who">
                <Glyph slot={entry.slot} />
                <a href={link(entry)}>{entry.title}</a>
                {entry.tuned && <span class="tag">tuned</span>}
              </span>
              <div class="track-cell" aria-hidden="true">
                <svg class="track">
                  {place.grid}
                  <line class="bar-edge" x1={`${Math.min(...xs)}%`} x2={`${Math.max(...xs)}%`} y1="50%" y2="50%" />
                  {marks.map((mark, i) => (
                    <MarkAt key={mark.rung.metric} x={xs[i] as number}>
                      {kRungMarks[mark.i % kRungMarks.length]}
                    </MarkAt>
                  ))}
                </svg>
              </div>
              <span class="value">
                <b title={told && exact(unit, told.value)}>{told ? withUnit(unit, told.value) : '–'}</b>
                {told && (
                  <small>
                    {told.rung.label} · {trialsText(entry.of.get(told.rung.metric)?.n ?? 0)}
                  </small>
                )}
              </span>
            </li>
          );
        })}
      </ol>
      {place.axis}
    </div>
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

function linear(unit: Unit, greatest: number) {
  const axis: Axis = axisTo(unit, greatest);
  return {
    at: (value: number) => share(value, axis.end),
    grid: <GridLines axis={axis} />,
    axis: <AxisRow axis={axis} />,
  };
}

function logarithmic(unit: Unit, values: number[]) {
  const [low, high] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
  const span = Math.max(1, high - low);
  const at = (value: number) => ((Math.log10(value) - low) / span) * 100;
  const decades = Array.from({ length: span + 1 }, (_, i) => 10 ** (low + i));
  const grid = decades.map((d) => (
    <line key={d} class="grid-line" x1={`${at(d)}%`} x2={`${at(d)}%`} y1="0" y2="100%" />
  ));
  const axis = (
    <div class="row axis" aria-hidden="true">
      <span />
      <div class="track-cell">
        <svg>
          {decades.map((decade, i) => (
            <text key={decade} x={`${at(decade)}%`} y="14" text-anchor={anchor(i, decades.length)}>
              {tickText(scaleFor(unit, decade), decade)}
              {scaleFor(unit, decade).suffix}
            </text>
          ))}
        </svg>
      </div>
      <span />
    </div>
  );
  return { at, grid, axis };
}
