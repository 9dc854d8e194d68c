// The table behind a chart of cases: a row a case, a column group a metric; and the full comparison of a run.
import type { ComponentChildren } from 'preact';
import { type Board, type Entry, percentilesOf, type Times } from '../../model/board';
import { words } from '../../model/run';
import { explainBound, type Summary, spreadOf, unitOf } from '../../model/summary';
import { exact, inScale, percent, scaleFor, type UnitScale, withUnit } from '../../model/units';
import { type Cell, type Column, type Sort, Table } from './table';

interface Wanted {
  metric: string;
  title: string;
}

interface Props {
  caption: ComponentChildren;
  entries: Entry[];
  metrics: Wanted[];
}

export function MetricTable({ caption, entries, metrics }: Props) {
  const columns = [caseColumn(), ...metrics.flatMap((wanted) => spreadColumns(entries, wanted))];
  return <Table caption={caption} columns={columns} rows={entries} rowKey={(e) => e.case} />;
}

function caseColumn(link?: (entry: Entry) => string): Column<Entry> {
  return {
    key: 'case',
    title: 'Case',
    head: true,
    cell: (e) => ({ text: link ? <a href={link(e)}>{e.title}</a> : e.title, small: e.case, sort: e.case }),
  };
}

function spreadColumns(entries: Entry[], wanted: Wanted): Column<Entry>[] {
  const scale = columnScale(entries, wanted.metric);
  const of = (e: Entry) => e.of.get(wanted.metric);
  const suffix = scale.suffix.trim();
  const unit = suffix === '' ? '' : `, ${suffix}`;
  return [
    { key: wanted.metric, title: `${wanted.title}${unit}`, number: true, cell: (e) => valueCell(of(e), scale) },
    {
      key: `${wanted.metric}:spread`,
      title: 'Interval or range',
      number: true,
      cell: (e) => spreadCell(of(e), scale),
    },
    { key: `${wanted.metric}:n`, title: 'n', number: true, cell: (e) => countCell(of(e)) },
  ];
}

function columnScale(entries: Entry[], metric: string): UnitScale {
  const summaries = entries.flatMap((e) => e.of.get(metric) ?? []);
  const [first] = summaries;
  return scaleFor(first ? unitOf(first) : 'count', Math.max(0, ...summaries.map((s) => s.value)));
}

// What the loader limited is a lower bound of what the stack can do.
function atLeast(summary: Summary): string {
  return summary.bound === 'loader' && summary.metric === 'throughput_per_s' ? '≥\u00a0' : '';
}

const kAbsent: Cell = { text: '–', title: 'not measured' };

function valueCell(summary: Summary | undefined, scale: UnitScale): Cell {
  if (!summary) return kAbsent;
  return {
    text: `${atLeast(summary)}${inScale(scale, summary.value)}`,
    title: exact(unitOf(summary), summary.value),
    out: summary.validity === 'invalid',
    sort: summary.value,
  };
}

function spreadCell(summary: Summary | undefined, scale: UnitScale): Cell {
  const spread = summary && spreadOf(summary);
  if (!spread) return kAbsent;
  return {
    text: `${inScale(scale, spread.low)} – ${inScale(scale, spread.high)}`,
    small: spread.kind === 'ci95' ? '95 % interval' : 'range',
    sort: spread.low,
  };
}

function countCell(summary: Summary | undefined): Cell {
  return summary ? { text: String(summary.n), sort: summary.n } : kAbsent;
}

// Of what a stack has beside it, a database say.
const kServiceFigures: Wanted[] = [
  { metric: 'service_cpu_ns_per_request', title: 'Services, CPU a request' },
  { metric: 'service_cpu_cores', title: 'Services, cores' },
  { metric: 'service_private_median_bytes', title: 'Services, private' },
];

function measuredOnly(entries: Entry[], wanted: Wanted[]): Wanted[] {
  return wanted.filter(({ metric }) => entries.some((e) => e.of.has(metric)));
}

export const kTimes: Record<Times, string> = { latency: 'Latency', service_time: 'Service time', delivery: 'Delivery' };

// Of what subscribers received; the latency beside it is that of publishing.
const kDeliveryFigures: Wanted[] = [
  { metric: 'deliveries_per_s', title: 'Deliveries' },
  { metric: 'delivery_fault_ratio', title: 'Deliveries faulty' },
  { metric: 'latency_p99_ns', title: 'Publishing, latency p99' },
];

// The whole comparison of one phase.
export function ComparisonTable(props: {
  board: Board;
  link: (entry: Entry) => string;
  sort: Sort | undefined;
  onSort: (sort: Sort) => void;
}) {
  const { board } = props;
  const figures: Wanted[] = [
    ...(board.loop === 'open' ? [{ metric: 'offered_per_s', title: 'Offered' }] : []),
    { metric: 'throughput_per_s', title: 'Throughput' },
    ...percentilesOf(board.times)
      .filter((p) => p.label !== 'p90')
      .map((p) => ({ metric: p.metric, title: `${kTimes[board.times]} ${p.label}` })),
    ...(board.times === 'delivery' ? measuredOnly(board.entries, kDeliveryFigures) : []),
    { metric: 'app_cpu_ns_per_request', title: 'CPU a request' },
    ...measuredOnly(board.entries, kServiceFigures),
    { metric: 'error_ratio', title: 'Errors' },
    { metric: 'idle_pss_bytes', title: 'Idle, PSS' },
    { metric: 'loaded_private_median_bytes', title: 'Loaded, private' },
    { metric: 'retained_pss_bytes', title: 'After load, PSS' },
    { metric: 'app_startup_ns', title: 'Start-up' },
    ...measuredOnly(board.entries, [{ metric: 'app_startup_cache_cold_ns', title: 'Cache-cold start-up' }]),
  ];
  const columns: Column<Entry>[] = [
    caseColumn(props.link),
    ...figures.map(({ metric, title }) => ({
      key: metric,
      title,
      number: true,
      cell: (e: Entry) => fullCell(e.of.get(metric), gapOf(board, e)),
    })),
    { key: 'image', title: 'Image', number: true, cell: imageCell },
    { key: 'bound', title: 'Limited by', cell: (e) => boundCell(e.of.get('throughput_per_s')) },
  ];
  return (
    <Table
      cards
      caption={`All figures of ${board.phase ?? 'the run'}: the value, beneath it its interval (or least to greatest) and the number of trials.`}
      columns={columns}
      rows={board.entries}
      rowKey={(e) => e.case}
      sort={props.sort}
      onSort={props.onSort}
    />
  );
}

function gapOf(board: Board, entry: Entry): string | undefined {
  return board.gaps.find((gap) => gap.case === entry.case)?.reason;
}

function fullCell(summary: Summary | undefined, gap: string | undefined): Cell {
  if (!summary) return gap === undefined ? kAbsent : { text: '–', title: gap };
  const unit = unitOf(summary);
  const spread = spreadOf(summary);
  const isRatio = summary.metric.endsWith('_ratio');
  const show = (value: number) => (isRatio ? percent(value) : withUnit(unit, value));
  const scale = scaleFor(unit, summary.value);
  const range = isRatio ? undefined : spread;
  return {
    text: `${atLeast(summary)}${show(summary.value)}`,
    title: exact(unit, summary.value),
    small: (
      <>
        {range && `${inScale(scale, range.low)}–${inScale(scale, range.high)}`}
        {range && <br />}n {summary.n}
      </>
    ),
    out: summary.validity === 'invalid',
    sort: summary.value,
  };
}

function imageCell(entry: Entry): Cell {
  const bytes = entry.stack.image_bytes;
  return bytes === undefined ? kAbsent : { text: withUnit('B', bytes), title: exact('B', bytes), sort: bytes };
}

function boundCell(summary: Summary | undefined): Cell {
  if (!summary) return kAbsent;
  return {
    text: <Marks summary={summary} />,
    sort: summary.bound,
  };
}

// What must be known beside a number: which gate spoke, and what the limit was.
export function Marks({ summary }: { summary: Summary }) {
  const bound = summary.bound === 'none' ? '' : summary.bound;
  return (
    <span class="line">
      {summary.validity !== 'valid' && (
        <span class={`tag ${summary.validity === 'invalid' ? 'bad' : 'warn'}`}>{words(summary.validity)}</span>
      )}
      {bound && (
        <span class={`tag ${bound === 'loader' || bound === 'database' ? 'warn' : ''}`} title={explainBound(bound)}>
          {words(bound)}
        </span>
      )}
      {summary.validity === 'valid' && !bound && '–'}
    </span>
  );
}
