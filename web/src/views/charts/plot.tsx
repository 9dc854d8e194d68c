// The only file that uses uPlot: colours from the page's variables, phase bands, a keyboard cursor whose reading is announced,
// and a redraw when width or theme change. The caller adds the table twin.
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { painted } from '../../state/theme';
import { dashOf, tintOf } from './glyph';

export interface Line {
  label: string;
  slot: number;
  faint?: boolean;
  dash?: number; // a dash other than its slot's
  values: (number | null)[];
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
  logY?: boolean;
  height?: number;
  xSplits?: number[];
  yTicks?: number[]; // linear axis from 0 to the last of them
  xText: (x: number) => string;
  xTitle: string;
  yText: (y: number) => string;
}

const kSpeakAfterMs = 250;

export function Plot(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [reading, setReading] = useState('');
  const [spoken, setSpoken] = useState('');
  const paint = painted.value;

  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const made = new uPlot(optionsOf(props, place, setReading), dataOf(props), place);
    plot.current = made;
    const watcher = new ResizeObserver(() => {
      if (place.clientWidth > 0) made.setSize({ width: place.clientWidth, height: props.height ?? 260 });
    });
    watcher.observe(place);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [paint, props.x, props.lines]);

  useEffect(() => {
    const timer = setTimeout(() => setSpoken(reading), kSpeakAfterMs);
    return () => clearTimeout(timer);
  }, [reading]);

  const onKeyDown = (event: KeyboardEvent) => {
    const made = plot.current;
    if (!made) return;
    const next = nextIndex(event.key, made.cursor.idx ?? -1, props.x.length);
    if (next === undefined) return;
    event.preventDefault();
    made.setCursor({ left: made.valToPos(props.x[next] as number, 'x'), top: made.over.clientHeight / 2 });
  };

  return (
    <div class="stackup">
      <div
        class="plot"
        ref={box}
        role="group"
        tabIndex={0}
        aria-label={`${props.label}. Use the arrow keys to read values.`}
        onKeyDown={onKeyDown}
      />
      <p class="readout">{reading || 'Hover over the chart, or focus it and use the arrow keys.'}</p>
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

function dataOf(props: Props): uPlot.AlignedData {
  return [props.x, ...props.lines.map((line) => line.values)];
}

function optionsOf(props: Props, place: HTMLElement, read: (text: string) => void): uPlot.Options {
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
    height: props.height ?? 260,
    legend: { show: false },
    scales: {
      x: { time: false },
      y: props.logY ? { distr: 3 } : { range: (_, __, max) => [0, ticks?.[ticks.length - 1] ?? Math.max(max, 1e-9)] },
    },
    axes: [
      {
        ...ground,
        label: props.xTitle,
        size: 28,
        labelSize: 22,
        labelGap: 0,
        labelFont: font,
        values: (_, at) => at.map((v) => (v === null ? '' : props.xText(v))),
        ...(splits ? { splits: () => splits } : {}),
      },
      {
        ...ground,
        size: 72,
        values: (_, at) => at.map((v) => (v === null ? '' : props.yText(v))),
        ...(ticks ? { splits: () => ticks } : {}),
      },
    ],
    cursor: { y: false, drag: { x: false, y: false } },
    series: [{}, ...props.lines.map((line) => seriesOf(line, colour))],
    hooks: {
      drawClear: [(u) => drawBands(u, props.bands ?? [], colour, font)],
      setCursor: [(u) => read(readingAt(props, u.cursor.idx))],
    },
  };
}

function seriesOf(line: Line, colour: (name: string) => string): uPlot.Series {
  return {
    label: line.label,
    stroke: colour(`--series-${tintOf(line.slot)}`),
    width: line.faint ? 1 : 2.25,
    alpha: line.faint ? 0.55 : 1,
    dash: dashOf(line.dash ?? 1),
    points: { show: false },
    spanGaps: false,
  };
}

function readingAt(props: Props, index: number | null | undefined): string {
  if (index === null || index === undefined) return '';
  const x = props.x[index];
  if (x === undefined) return '';
  const values = props.lines.flatMap((line) => {
    const value = line.values[index];
    return value === null || value === undefined ? [] : [`${line.label} ${props.yText(value)}`];
  });
  return `${props.xTitle} ${props.xText(x)}: ${values.join(', ') || 'no value'}`;
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
