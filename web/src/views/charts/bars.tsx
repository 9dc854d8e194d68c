// Bars of one metric over the cases: a bar to the value, a whisker over its spread, a circle per trial.

import type { Entry } from '../../model/board';
import type { MetricName } from '../../model/metric';
import {
  atLeast,
  exactWithGates,
  explainBound,
  gateTexts,
  isLowerBound,
  isRanked,
  rangeText,
  type Spread,
  type Summary,
  spreadOf,
  standingOf,
  unitOf,
  valueText,
} from '../../model/summary';
import { limitTitle } from '../../model/titles';
import { significant } from '../../model/units';
import { useFound, usePart } from '../parts/long_list';
import { Reason } from '../parts/reason';
import { type Axis, AxisRow, axisTo, GridLines, logAxis } from './axis';
import { Glyph, MarkAt, Shape, tintOf } from './glyph';

interface Props {
  entries: Entry[];
  metric: MetricName;
  link?: ((entry: Entry) => string) | undefined;
  tied?: string[] | undefined; // the cases that are not told apart from the first, itself among them
  note?: (entry: Entry) => string; // next to each value, in place of its ratio to the best
  log?: boolean; // marks on a logarithmic axis in place of bars
}

export function Bars({ entries, metric, link, note, log = false, tied = [] }: Props) {
  const shown = entries.flatMap((entry) => {
    const summary = entry.of.get(metric);
    return summary ? [{ entry, summary }] : [];
  });
  const { part, more } = usePart(useFound(shown, ({ entry }) => ({ name: entry.case, title: entry.title })));
  const [first] = shown;
  if (!first) return <p class="soft">Not measured in this run.</p>;
  const unit = unitOf(first.summary);
  const axis = log
    ? logAxis(
        unit,
        shown.flatMap(({ summary }) => extentOf(summary)),
      )
    : axisTo(unit, Math.max(...shown.flatMap(({ summary }) => extentOf(summary))));
  const best = shown.find(({ summary }) => isRanked(summary))?.summary;
  return (
    <div class="rows">
      <ol class="rows">
        {part.map(({ entry, summary }) => (
          <Row
            key={entry.case}
            entry={entry}
            summary={summary}
            axis={axis}
            log={log}
            best={best}
            href={link?.(entry)}
            bracket={tied.length > 1 && tied.includes(entry.case)}
            note={note?.(entry)}
          />
        ))}
      </ol>
      {more}
      <AxisRow axis={axis} />
    </div>
  );
}

function RowName({ href, title }: { href: string | undefined; title: string }) {
  return href === undefined ? <span>{title}</span> : <a href={href}>{title}</a>;
}

function Row(props: {
  entry: Entry;
  summary: Summary;
  axis: Axis;
  log: boolean;
  best: Summary | undefined;
  href: string | undefined;
  note: string | undefined;
  bracket: boolean;
}) {
  const { entry, summary, axis, log, best } = props;
  const spread = spreadOf(summary);
  const ranked = isRanked(summary);
  return (
    <li
      class={`row s${tintOf(entry.slot)}${ranked ? '' : ' out'}${summary.validity === 'invalid' ? ' struck' : ''}${props.bracket ? ' bracket' : ''}`}
    >
      <span class="who">
        <Glyph slot={entry.slot} />
        <RowName href={props.href} title={entry.title} />
        {entry.tuned && <span class="tag">tuned</span>}
      </span>
      <div class="track-cell" aria-hidden="true">
        <svg class="track">
          <GridLines axis={axis} />
          <Bar value={summary.value} spread={spread} axis={axis} edgeOnly={log} />
          {summary.values.map((value, i) => (
            <circle key={i} class="dot" cx={`${axis.at(value)}%`} cy={jitter(i, summary.values.length)} r="3" />
          ))}
          {summary.values.length === 0 && (
            <MarkAt x={axis.at(summary.value)}>
              <Shape slot={entry.slot} />
            </MarkAt>
          )}
        </svg>
      </div>
      <span class="value">
        <b title={exactWithGates(summary)}>{valueText(summary)}</b>
        {spread && <small>{rangeText(summary)}</small>}
        <small>
          {summary.n === 1 ? '1 trial' : `${summary.n} trials`}
          {props.note ?? ratioOf(summary, best)}
        </small>
        {marksOf(summary).map(({ mark, reason }) => (
          <Reason key={mark} mark={mark} reason={reason} tone="warn" />
        ))}
      </span>
    </li>
  );
}

// Of two lower bounds no ratio is known, of one and an exact value only its limit.
function ratioOf(summary: Summary, best: Summary | undefined): string {
  if (!isRanked(summary) || best === undefined || best.value <= 0 || summary === best) return '';
  if (isLowerBound(summary) && isLowerBound(best)) return '';
  const limit = isLowerBound(best) ? '≤\u00a0' : atLeast(summary);
  return ` · ${limit}${significant(summary.value / best.value, 2)}×`;
}

// Why a number is not like the others, next to the number itself.
function marksOf(summary: Summary): { mark: string; reason: string }[] {
  const marks: { mark: string; reason: string }[] = [];
  const add = (mark: string, reason: string) => marks.push({ mark, reason });
  if (summary.validity !== 'valid') add(summary.validity, gateTexts(summary).join(' '));
  const isLimit = summary.bound === 'loader' || summary.bound === 'database';
  if ((isLimit && (isLowerBound(summary) || !isRanked(summary))) || standingOf(summary) === 'apart')
    add(limitTitle(summary.bound), explainBound(summary.bound));
  return marks;
}

// From 0 to the value, with a whisker over its spread. A logarithmic axis has no 0: there it has its edge only.
export function Bar(props: { value: number; spread: Spread | undefined; axis: Axis; edgeOnly?: boolean }) {
  const { value, spread, axis } = props;
  return (
    <>
      {!props.edgeOnly && <rect class="bar" x="0" y="22%" height="56%" width={`${axis.at(value)}%`} />}
      <At value={value} axis={axis} kind="bar-edge" y1="22%" y2="78%" />
      {spread && <Whisker low={spread.low} high={spread.high} axis={axis} />}
    </>
  );
}

function At(props: { value: number; axis: Axis; kind: string; y1: string; y2: string }) {
  const x = `${props.axis.at(props.value)}%`;
  return <line class={props.kind} x1={x} x2={x} y1={props.y1} y2={props.y2} />;
}

function Whisker({ low, high, axis }: { low: number; high: number; axis: Axis }) {
  return (
    <>
      <line class="whisker" x1={`${axis.at(low)}%`} x2={`${axis.at(high)}%`} y1="50%" y2="50%" />
      <At value={low} axis={axis} kind="whisker" y1="34%" y2="66%" />
      <At value={high} axis={axis} kind="whisker" y1="34%" y2="66%" />
    </>
  );
}

function extentOf(summary: Summary): number[] {
  const spread = spreadOf(summary);
  return [summary.value, ...(spread ? [spread.low, spread.high] : []), ...summary.values];
}

// Trials side by side rather than on top of each other, in fixed places so that a redraw moves nothing.
function jitter(i: number, count: number): string {
  return `${count < 2 ? 50 : 30 + (40 * (i % 5)) / Math.min(4, Math.max(1, count - 1))}%`;
}
