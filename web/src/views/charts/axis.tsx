// The axis under charts made of rows: of a magnitude, linear from 0, in one unit for the whole chart; or logarithmic over whole decades, where
// no bar is drawn, because there is no 0 for it to begin at.
import { share, ticksTo } from '../../model/scale';
import { scaleFor, tickText, type Unit, type UnitScale } from '../../model/units';

export interface Axis {
  ticks: number[]; // in base units
  at: (value: number) => number; // in percent of the width, kept inside
  text: (tick: number) => string;
}

export interface LinearAxis extends Axis {
  scale: UnitScale;
}

export function axisTo(unit: Unit, greatest: number): LinearAxis {
  const scale = scaleFor(unit, greatest);
  const ticks = ticksTo(greatest / scale.divide).map((t) => t * scale.divide);
  const end = ticks[ticks.length - 1] as number;
  return {
    scale,
    ticks,
    at: (value) => share(value, end),
    text: (tick) => tickText(scale, tick) + (tick === ticks[0] ? scale.suffix : ''),
  };
}

const kMostDecades = 6; // beyond that every second one has its tick

export function logAxis(unit: Unit, values: number[]): Axis {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive)));
  const span = Math.max(1, Math.ceil(Math.log10(Math.max(...positive))) - low);
  const step = span > kMostDecades ? 2 : 1;
  return {
    ticks: Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => 10 ** (low + i * step)),
    at: (value) => share(value > 0 ? Math.log10(value) - low : 0, span),
    text: (tick) => tickText(scaleFor(unit, tick), tick) + scaleFor(unit, tick).suffix,
  };
}

export function AxisRow({ axis }: { axis: Axis }) {
  return (
    <div class="row axis" aria-hidden="true">
      <span />
      <div class="track-cell">
        <svg>
          {axis.ticks.map((tick, i) => (
            <text key={tick} x={`${axis.at(tick)}%`} y="14" text-anchor={anchor(i, axis.ticks.length)}>
              {axis.text(tick)}
            </text>
          ))}
        </svg>
      </div>
      <span />
    </div>
  );
}

function anchor(i: number, count: number): 'start' | 'middle' | 'end' {
  return i === 0 ? 'start' : i === count - 1 ? 'end' : 'middle';
}

export function GridLines({ axis }: { axis: Axis }) {
  return (
    <>
      {axis.ticks.map((tick) => (
        <line key={tick} class="grid-line" x1={`${axis.at(tick)}%`} x2={`${axis.at(tick)}%`} y1="0" y2="100%" />
      ))}
    </>
  );
}
