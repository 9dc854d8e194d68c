// The axis under charts made of rows, and the axis of a magnitude: linear from 0, in one unit for the whole chart.
import { share, ticksTo } from '../../model/scale';
import { scaleFor, tickText, type Unit, type UnitScale } from '../../model/units';

export interface Axis {
  scale: UnitScale;
  end: number; // in base units
  ticks: number[]; // in base units
}

export function axisTo(unit: Unit, greatest: number): Axis {
  const scale = scaleFor(unit, greatest);
  const ticks = ticksTo(greatest / scale.divide).map((t) => t * scale.divide);
  return { scale, ticks, end: ticks[ticks.length - 1] as number };
}

export function AxisRow({ axis }: { axis: Axis }) {
  return (
    <div class="row axis" aria-hidden="true">
      <span />
      <div class="track-cell">
        <svg>
          {axis.ticks.map((tick, i) => (
            <text key={tick} x={`${share(tick, axis.end)}%`} y="14" text-anchor={anchor(i, axis.ticks.length)}>
              {tickText(axis.scale, tick)}
              {i === 0 ? axis.scale.suffix : ''}
            </text>
          ))}
        </svg>
      </div>
      <span />
    </div>
  );
}

export function anchor(i: number, count: number): 'start' | 'middle' | 'end' {
  return i === 0 ? 'start' : i === count - 1 ? 'end' : 'middle';
}

export function GridLines({ axis }: { axis: Axis }) {
  return (
    <>
      {axis.ticks.map((tick) => (
        <line
          key={tick}
          class="grid-line"
          x1={`${share(tick, axis.end)}%`}
          x2={`${share(tick, axis.end)}%`}
          y1="0"
          y2="100%"
        />
      ))}
    </>
  );
}
