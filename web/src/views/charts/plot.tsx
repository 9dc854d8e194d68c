// The only file that uses uPlot: colours from the page's variables, phase bands, areas, whiskers and marks, a keyboard cursor whose reading
// is announced, a range that is chosen by dragging, and a redraw when width or theme change. The caller adds the table twin.
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { painted } from '../../state/theme';
import { inTurn } from '../../state/turns';
import { dashOf, tintOf } from './glyph';

export interface Line {
  label: string;
  slot: number;
  faint?: boolean;
  dash?: number; // a dash other than its slot's
  values: (number | null | undefined)[]; // null: a gap; undefined: the line goes on
  edge?: boolean; // of an area: neither drawn nor read out
  dots?: boolean; // a mark at each value
}

// Between two of the lines.
interface Area {
  upper: number;
  lower: number;
  slot: number;
}

export interface Whisker {
  x: number;
  y: number;
  low?: number | undefined;
  high?: number | undefined;
  slot: number;
  hollow?: boolean;
}

export interface Mark {
  x: number;
  label: string;
}

interface Band {
  label: string;
  from: number;
  to: number;
}

interface Props {
  label: string;
  x: number[];
  lines: Line[];
  bands?: Band[];
  areas?: Area[];
  whiskers?: Whisker[];
  marks?: Mark[];
  logY?: boolean;
  xRange?: [number, number];
  yRange?: [number, number];
  sync?: string; // plots with the same word share their cursor
  follows?: boolean; // it has the cursor of another one, and is no stop of its own
  nearest?: boolean; // reads out the nearest value of each line where the cursor has none of it
  onRange?: (from: number, to: number) => void; // dragged over, or with Shift and the arrow keys
  onOpen?: (index: number) => void; // clicked, or Enter
  hint?: string; // what else the keys do
  height?: number;
  xSplits?: number[];
  yTicks?: number[]; // linear axis from 0 to the last of them
  xText: (x: number) => string;
  xTicks?: (x: number) => string; // shorter, where there is little room
  xTitle: string;
  xSpace?: number; // between two ticks, in pixels
  yText: (y: number) => string;
}

// Its declaration does not know that the plots with the same word are told.
type MoveCursor = (at: { left: number; top: number }, fire: boolean, tell: boolean) => void;

const kHeight = 260;
const kSpeakAfterMs = 250;

export function Plot(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const stand = useRef<number | undefined>(undefined); // the value under the cursor; keys move it before the chart is drawn, and a redraw keeps it
  const begun = useRef<number | undefined>(undefined); // where a range begins that is chosen with the keys
  const newest = useRef(props);
  newest.current = props;
  const [reading, setReading] = useState('');
  const [spoken, setSpoken] = useState('');
  const paint = painted.value;
  const standAt = (index: number | null | undefined) => {
    stand.current = index ?? undefined;
    setReading(readingAt(newest.current, index));
  };

  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const watcher = new ResizeObserver(() => {
      if (place.clientWidth > 0) plot.current?.setSize({ width: place.clientWidth, height: props.height ?? kHeight });
    });
    place.ariaBusy = 'true';
    const takeBack = inTurn(() => {
      place.ariaBusy = null;
      const keepCursor = (u: uPlot) => {
        const last = Math.min(stand.current ?? -1, newest.current.x.length - 1);
        if (last >= 0) moveTo(u, newest.current, last, false);
      };
      plot.current = new uPlot(optionsOf(newest, place, standAt, keepCursor), dataOf(props), place);
      watcher.observe(place);
    });
    return () => {
      takeBack();
      watcher.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [paint, props.x, props.lines]);

  useEffect(() => {
    const timer = setTimeout(() => setSpoken(reading), kSpeakAfterMs);
    return () => clearTimeout(timer);
  }, [reading]);

  const onKeyDown = (event: KeyboardEvent) => {
    const made = plot.current;
    const at = stand.current ?? -1;
    if (event.key === 'Enter' && at >= 0 && props.onOpen) return props.onOpen(at);
    const next = nextIndex(event.key, at, props.x.length);
    if (next === undefined) return;
    event.preventDefault();
    if (made) moveTo(made, props, next, props.sync !== undefined);
    standAt(next);
    if (!made || !props.onRange || !event.shiftKey) {
      begun.current = undefined;
      return;
    }
    begun.current ??= Math.max(0, at);
    const [left, right] = [Math.min(begun.current, next), Math.max(begun.current, next)];
    const from = leftOf(made, props, left);
    made.setSelect(
      { left: from, width: leftOf(made, props, right) - from, top: 0, height: made.over.clientHeight },
      false,
    );
  };
  const onKeyUp = (event: KeyboardEvent) => {
    if (event.key !== 'Shift' || !props.onRange || begun.current === undefined) return;
    const [from, to] = [begun.current, stand.current ?? begun.current].sort((a, b) => a - b) as [number, number];
    begun.current = undefined;
    if (to > from) props.onRange(props.x[from] as number, props.x[to] as number);
  };

  return (
    <div class="stackup">
      <div
        class={`plot${(props.height ?? kHeight) < kHeight ? ' low' : ''}`}
        ref={box}
        role="group"
        aria-busy="true" // until it is drawn
        tabIndex={props.follows ? -1 : 0}
        aria-label={
          props.follows
            ? props.label
            : `${props.label}. Use the arrow keys to read values.${props.hint === undefined ? '' : ` ${props.hint}`}`
        }
        onKeyDown={onKeyDown}
        onKeyUp={onKeyUp}
      />
      <p class="readout">
        {reading ||
          (props.follows ? '' : `Hover over the chart, or focus it and use the arrow keys. ${props.hint ?? ''}`)}
      </p>
      <p class="unseen" aria-live="polite">
        {spoken}
      </p>
    </div>
  );
}

function nextIndex(key: string, at: number, count: number): number | undefined {
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: count - 1 }[
    key
  ];
  return to === undefined ? undefined : Math.min(count - 1, Math.max(0, to));
}

function leftOf(u: uPlot, { x }: Props, index: number): number {
  return u.valToPos(x[index] as number, 'x');
}

function moveTo(u: uPlot, props: Props, index: number, tell: boolean): void {
  const at = { left: leftOf(u, props, index), top: u.over.clientHeight / 2 };
  (u.setCursor as MoveCursor)(at, true, tell);
}

function dataOf(props: Props): uPlot.AlignedData {
  return [props.x, ...props.lines.map((line) => line.values)];
}

function optionsOf(
  now: { current: Props },
  place: HTMLElement,
  standAt: (index: number | null | undefined) => void,
  keepCursor: (u: uPlot) => void,
): uPlot.Options {
  const props = now.current;
  const colour = colours(place);
  const font = `12px ${getComputedStyle(place).fontFamily}`;
  const ground = {
    stroke: colour('--ink-soft'),
    font,
    ticks: { show: false },
    grid: { stroke: colour('--line'), width: 1 },
  };
  const splits = props.xSplits;
  const ticks = props.yTicks;
  return {
    width: place.clientWidth,
    height: props.height ?? kHeight,
    legend: { show: false },
    scales: {
      x: { time: false, ...(props.xRange === undefined ? {} : { range: props.xRange }) },
      y: scaleOf(props),
    },
    axes: [
      {
        ...ground,
        label: props.xTitle,
        size: 28,
        ...(props.xSpace === undefined ? {} : { space: props.xSpace }),
        labelSize: 22,
        labelGap: 0,
        labelFont: font,
        values: (_, at) => at.map((v) => (v === null ? '' : (props.xTicks ?? props.xText)(v))),
        ...(splits ? { splits: () => splits } : {}),
      },
      {
        ...ground,
        size: 72,
        values: (_, at) => at.map((v) => (v === null ? '' : props.yText(v))),
        ...(ticks ? { splits: () => ticks } : {}),
      },
    ],
    cursor: {
      y: false,
      drag: { x: props.onRange !== undefined, y: false, setScale: false },
      ...(props.sync === undefined ? {} : { sync: { key: props.sync } }),
    },
    bands: (props.areas ?? []).map(({ upper, lower, slot }) => ({
      series: [upper + 1, lower + 1],
      fill: faint(colour(`--series-${tintOf(slot)}`)),
    })),
    series: [{}, ...props.lines.map((line) => seriesOf(line, colour))],
    hooks: {
      ready: [(u) => u.over.addEventListener('click', () => openAt(u, now)), keepCursor],
      drawClear: [(u) => drawBands(u, props.bands ?? [], colour, font)],
      draw: [
        (u) => drawWhiskers(u, props.whiskers ?? [], colour),
        (u) => drawMarks(u, props.marks ?? [], colour, font),
      ],
      // Before it is ready it only says that there is no cursor.
      setCursor: [(u) => u.status === 1 && standAt(u.cursor.idx)],
      setSelect: [(u) => chosenRange(u, now)],
    },
  };
}

function scaleOf(props: Props): uPlot.Scale {
  const range = props.yRange;
  if (range) return props.logY ? { distr: 3, range: () => range } : { range: () => range };
  if (props.logY) return { distr: 3 };
  const last = props.yTicks?.[props.yTicks.length - 1];
  return { range: (_, __, max) => [0, last ?? Math.max(max, 1e-9)] };
}

// A click that ended a drag chose a range and opens nothing.
function openAt(u: uPlot, now: { current: Props }): void {
  const index = u.cursor.idx;
  if (u.select.width < 3 && index !== null && index !== undefined) now.current.onOpen?.(index);
}

function chosenRange(u: uPlot, now: { current: Props }): void {
  const { left, width } = u.select;
  if (width < 3 || !now.current.onRange) return;
  now.current.onRange(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
}

// The colour as an area has it.
function faint(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.18)');
}

function seriesOf(line: Line, colour: (name: string) => string): uPlot.Series {
  return {
    label: line.label,
    stroke: colour(`--series-${tintOf(line.slot)}`),
    width: line.edge ? 0 : line.faint ? 1 : 2.25,
    alpha: line.faint ? 0.55 : 1,
    dash: dashOf(line.dash ?? 1),
    // A line of a single value would be nothing.
    points: { show: !line.edge && (line.dots || line.values.filter((value) => value !== null).length < 2), size: 7 },
    spanGaps: false,
  };
}

function readingAt(props: Props, index: number | null | undefined): string {
  if (index === null || index === undefined) return '';
  const x = props.x[index];
  if (x === undefined) return '';
  const values = props.lines.flatMap((line) => {
    const value = line.edge ? null : props.nearest ? nearestValue(line.values, index) : line.values[index];
    return value === null || value === undefined ? [] : [`${line.label} ${props.yText(value)}`];
  });
  return `${props.xTitle} ${props.xText(x)}: ${values.join(', ') || 'no value'}`;
}

// A break is no value; where only another line has a point, the nearest one of this line is meant.
function nearestValue(values: Line['values'], index: number): number | null | undefined {
  const kFar = 20;
  for (let away = 0; away <= kFar; away++) {
    for (const value of [values[index - away], values[index + away]]) if (value !== undefined) return value;
  }
  return undefined;
}

function drawBands(u: uPlot, bands: Band[], colour: (name: string) => string, font: string): void {
  const pixels = devicePixelRatio || 1;
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = font.replace(/^\d+/, (size) => String(Number(size) * pixels));
  bands.forEach((band, i) => {
    const from = Math.max(u.valToPos(band.from, 'x', true), bbox.left);
    const to = Math.min(u.valToPos(band.to, 'x', true), bbox.left + bbox.width);
    ctx.fillStyle = colour('--accent-soft');
    ctx.globalAlpha = 0.75;
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = colour('--ink-soft');
    const fits = ctx.measureText(band.label).width < to - from - 6 * pixels;
    ctx.fillText(fits ? band.label : String(i + 1), from + 4 * pixels, bbox.top + 14 * pixels);
  });
  ctx.restore();
}

function drawWhiskers(u: uPlot, whiskers: Whisker[], colour: (name: string) => string): void {
  const pixels = devicePixelRatio || 1;
  const { ctx } = u;
  ctx.save();
  ctx.lineWidth = 1.75 * pixels;
  for (const { x, y, low, high, slot, hollow } of whiskers) {
    const left = u.valToPos(x, 'x', true);
    ctx.strokeStyle = colour(`--series-${tintOf(slot)}`);
    ctx.fillStyle = hollow ? colour('--surface') : ctx.strokeStyle;
    ctx.beginPath();
    if (low !== undefined && high !== undefined) {
      const [bottom, top] = [u.valToPos(low, 'y', true), u.valToPos(high, 'y', true)];
      const cap = 4 * pixels;
      ctx.moveTo(left, bottom);
      ctx.lineTo(left, top);
      for (const end of [bottom, top]) {
        ctx.moveTo(left - cap, end);
        ctx.lineTo(left + cap, end);
      }
      ctx.stroke();
      ctx.beginPath();
    }
    ctx.arc(left, u.valToPos(y, 'y', true), 4 * pixels, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

// A dashed line from top to bottom with its number, which the caller explains.
function drawMarks(u: uPlot, marks: Mark[], colour: (name: string) => string, font: string): void {
  const pixels = devicePixelRatio || 1;
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = font.replace(/^\d+/, (size) => String(Number(size) * pixels));
  ctx.strokeStyle = colour('--ink-soft');
  ctx.fillStyle = colour('--ink-soft');
  ctx.setLineDash([3 * pixels, 3 * pixels]);
  for (const mark of marks) {
    const left = u.valToPos(mark.x, 'x', true);
    if (left < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(mark.label, left + 3 * pixels, bbox.top + 12 * pixels);
  }
  ctx.restore();
}

// A canvas knows no CSS variables: let the browser resolve them on an element that takes no space.
function colours(place: HTMLElement): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const probe = document.createElement('i');
    probe.style.color = `var(${name})`;
    place.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    known.set(name, colour);
    return colour;
  };
}

// A sample of each line next to its name: colour and dash together.
export function LineKey({ lines }: { lines: Line[] }) {
  return (
    <ul class="key">
      {lines.map((line) => (
        <li key={line.label} class={`s${tintOf(line.slot)}`}>
          <svg viewBox="0 0 28 12" aria-hidden="true">
            <line
              class="bar-edge"
              x1="0"
              x2="28"
              y1="6"
              y2="6"
              stroke-dasharray={dashOf(line.dash ?? 1).join(' ') || undefined}
            />
          </svg>
          {line.label}
        </li>
      ))}
    </ul>
  );
}
