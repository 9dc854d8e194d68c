// One start as a waterfall: each step where it began, as long as it took.
import { exact, withUnit } from '../../model/units';
import type { Span } from '../../model/waterfall';
import { type Axis, AxisRow, axisTo, GridLines } from './axis';
import { tintOf } from './glyph';

// `axis`: one that several of them share.
export function Waterfall(props: { spans: Span[]; slot: number; axis?: Axis }) {
  const { spans, slot } = props;
  const axis = props.axis ?? axisTo('ns', Math.max(...spans.map((s) => s.to_ns)));
  return (
    <div class="rows">
      <ol class="rows">
        {spans.map((span) => {
          const from = axis.at(span.from_ns);
          const width = Math.max(0.4, axis.at(span.to_ns) - from);
          return (
            <li class={`row s${tintOf(slot)}`} key={span.name}>
              <span class="who">{span.name}</span>
              <div class="track-cell" aria-hidden="true">
                <svg class="track">
                  <GridLines axis={axis} />
                  <rect class="span" x={`${from}%`} y="25%" width={`${width}%`} height="50%" rx="2" />
                </svg>
              </div>
              <span class="value" title={exact('ns', span.to_ns - span.from_ns)}>
                {withUnit('ns', span.to_ns - span.from_ns)}
              </span>
            </li>
          );
        })}
      </ol>
      <AxisRow axis={axis} />
    </div>
  );
}
