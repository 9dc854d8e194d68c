// Effects with their intervals, one a row, on the axis of a factor: left of the middle less than before, right of it more. The grey band is
// a difference that is none in practice.
import { type Compared, changeText, intervalText, verdictOf, verdictText } from '../../model/compare';
import { type RatioAxis, ratioAxis } from '../../model/ratio_axis';
import { exact } from '../../model/units';
import { usePart } from '../parts/long_list';
import { MarkAt } from './glyph';

export interface ForestRow {
  one: Compared;
  title: string;
  what: string; // phase and figure
  href?: string;
}

const kDrawn = 30;

export function Forest({ rows }: { rows: ForestRow[] }) {
  const { part, more } = usePart(rows, kDrawn);
  const axis = ratioAxis(
    part.flatMap(({ one }) => [...(one.ci95 ?? []), ...(one.ratio === undefined ? [] : [one.ratio])]),
  );
  return (
    <div class="rows forest">
      <ol class="rows">
        {part.map((row) => (
          <Row key={`${row.one.case} ${row.one.phase} ${row.one.metric}`} row={row} axis={axis} />
        ))}
      </ol>
      {more}
      <div class="row axis" aria-hidden="true">
        <span />
        <div class="track-cell">
          <svg>
            {axis.ticks.map((tick) => (
              <text key={tick} x={`${axis.at(tick)}%`} y="14" text-anchor="middle">
                {tick === 1 ? 'none' : changeText(tick)}
              </text>
            ))}
          </svg>
        </div>
        <span />
      </div>
    </div>
  );
}

function Row({ row, axis }: { row: ForestRow; axis: RatioAxis }) {
  const { one } = row;
  const verdict = verdictOf(one);
  const interval = intervalText(one);
  return (
    <li class={`row ${verdict}`}>
      <span class="who">
        <span>
          {row.href === undefined ? row.title : <a href={row.href}>{row.title}</a>}
          <small>{row.what}</small>
        </span>
      </span>
      <div class="track-cell" aria-hidden="true">
        <svg class="track">
          <Drawing one={one} axis={axis} />
        </svg>
      </div>
      <span class="value">
        <b title={one.ratio === undefined ? undefined : exact('1', one.ratio)}>
          {one.ratio === undefined ? '–' : changeText(one.ratio)}
        </b>
        {interval !== '' && <small>{interval}</small>}
        <small class="said">{verdictText(one)}</small>
      </span>
    </li>
  );
}

function Drawing({ one, axis }: { one: Compared; axis: RatioAxis }) {
  const band = one.band_percent / 100;
  const [from, to] = [axis.at(Math.max(1 - band, 1e-3)), axis.at(1 + band)];
  return (
    <>
      <rect class="none-band" x={`${from}%`} width={`${to - from}%`} y="0" height="100%" />
      <line class="middle" x1="50%" x2="50%" y1="0" y2="100%" />
      {one.ci95 && (
        <line class="bar-edge" x1={`${axis.at(one.ci95[0])}%`} x2={`${axis.at(one.ci95[1])}%`} y1="50%" y2="50%" />
      )}
      {one.ci95?.map((end) => (
        <line key={end} class="bar-edge" x1={`${axis.at(end)}%`} x2={`${axis.at(end)}%`} y1="34%" y2="66%" />
      ))}
      {one.ratio !== undefined && (
        <MarkAt x={axis.at(one.ratio)}>
          <path class={verdictOf(one) === 'open' ? 'dot' : 'glyph'} d={kMarks[verdictOf(one)]} />
        </MarkAt>
      )}
    </>
  );
}

const kMarks = {
  better: 'M0-6L6 5H-6Z',
  worse: 'M0 6L6-5H-6Z',
  same: 'M-5-5H5V5H-5Z',
  open: 'M0-5A5 5 0 1 0 0 5A5 5 0 1 0 0-5Z',
};
