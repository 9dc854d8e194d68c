// Every single value of one metric as a mark on a line, one row per case or kind, with the median marked.
import { exact, type Unit, withUnit } from '../../model/units';
import { AxisRow, axisTo, GridLines } from './axis';
import { Glyph, tintOf } from './glyph';

interface StripRow {
  key: string;
  title: string;
  href?: string;
  slot: number;
  strong: boolean; // the case this page is about
  values: { value: number; label: string }[];
}

export function Strip({ rows, unit }: { rows: StripRow[]; unit: Unit }) {
  const all = rows.flatMap((row) => row.values.map((v) => v.value));
  if (all.length === 0) return <p class="soft">Not measured.</p>;
  const axis = axisTo(unit, Math.max(...all));
  return (
    <div class="rows">
      <ol class="rows">
        {rows.map((row) => {
          const middle = medianOf(row.values.map((v) => v.value));
          return (
            <li class={`row s${tintOf(row.slot)}`} key={row.key}>
              <span class="who">
                <Glyph slot={row.slot} />
                {row.strong || row.href === undefined ? <b>{row.title}</b> : <a href={row.href}>{row.title}</a>}
              </span>
              <div class="track-cell" aria-hidden="true">
                <svg class="track">
                  <GridLines axis={axis} />
                  {middle !== undefined && (
                    <line class="whisker" x1={`${axis.at(middle)}%`} x2={`${axis.at(middle)}%`} y1="12%" y2="88%" />
                  )}
                  {row.values.map((each, i) => (
                    <circle
                      key={each.label}
                      class="dot"
                      cx={`${axis.at(each.value)}%`}
                      cy={`${30 + 20 * (i % 3)}%`}
                      r={row.strong ? 4.5 : 3}
                    >
                      <title>{`${each.label}: ${exact(unit, each.value)}`}</title>
                    </circle>
                  ))}
                </svg>
              </div>
              <span class="value">
                {middle === undefined ? '–' : <b title={exact(unit, middle)}>{withUnit(unit, middle)}</b>}
                <small>median of {row.values.length}</small>
              </span>
            </li>
          );
        })}
      </ol>
      <AxisRow axis={axis} />
    </div>
  );
}

function medianOf(values: number[]): number | undefined {
  if (values.length === 0) return undefined;
  const order = [...values].sort((a, b) => a - b);
  const half = order.length >> 1;
  const upper = order[half] as number;
  return order.length % 2 === 1 ? upper : ((order[half - 1] as number) + upper) / 2;
}
