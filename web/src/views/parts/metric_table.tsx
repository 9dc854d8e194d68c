// The table behind a chart: one row per case, one group of columns per metric. And the full comparison of a run.

import type { ComponentChildren } from 'preact';
import { type Board, type Entry, percentilesOf, type Times } from '../../model/board';
import type { MetricName } from '../../model/metric';
import {
  exactWithGates,
  explainBound,
  gateTexts,
  rangeText,
  type Summary,
  spreadOf,
  valueText,
} from '../../model/summary';
import { boundTitle, phaseTitle, words } from '../../model/titles';
import { exact, withUnit } from '../../model/units';
import { useFound } from './long_list';
import { Reason } from './reason';
import { type Cell, type Column, type Sort, Table } from './table';

interface Wanted {
  metric: MetricName;
  title: string;
}

interface Props {
  caption: ComponentChildren;
  entries: Entry[];
  metrics: Wanted[];
}

export function MetricTable({ caption, entries, metrics }: Props) {
  const columns = [caseColumn(), ...metrics.flatMap((wanted) => spreadColumns(wanted))];
  return <Table caption={caption} columns={columns} rows={useFoundEntries(entries)} rowKey={(e) => e.case} />;
}

function useFoundEntries(entries: Entry[]): Entry[] {
  return useFound(entries, (e) => ({ name: e.case, title: e.title }));
}

function caseColumn(link?: (entry: Entry) => string): Column<Entry> {
  return {
    key: 'case',
    title: 'Stack',
    head: true,
    cell: (e) => ({ text: link ? <a href={link(e)}>{e.title}</a> : e.title, small: e.stack.name, sort: e.case }),
  };
}

function spreadColumns(wanted: Wanted): Column<Entry>[] {
  const of = (e: Entry) => e.of.get(wanted.metric);
  return [
    {
      key: wanted.metric,
      title: wanted.title,
      number: true,
      cell: (e) => valueCell(of(e), e.absent.get(wanted.metric)),
    },
    {
      key: `${wanted.metric}:spread`,
      title: '95 % interval or min–max',
      number: true,
      cell: (e) => spreadCell(of(e)),
    },
    { key: `${wanted.metric}:n`, title: 'Trials', number: true, cell: (e) => countCell(of(e)) },
  ];
}

const kAbsent: Cell = { text: '–', title: 'not measured' };

function absentCell(reason: string | undefined): Cell {
  return reason === undefined ? kAbsent : { text: '–', title: `not measured: ${reason}` };
}

function valueCell(summary: Summary | undefined, reason: string | undefined): Cell {
  if (!summary) return absentCell(reason);
  return {
    text: valueText(summary),
    title: exactWithGates(summary),
    out: summary.validity === 'invalid',
    sort: summary.value,
  };
}

function spreadCell(summary: Summary | undefined): Cell {
  const spread = summary && spreadOf(summary);
  if (!summary || !spread) return kAbsent;
  return {
    text: rangeText(summary),
    small: spread.kind === 'ci95' ? '95 % interval' : 'min–max',
    sort: spread.low,
  };
}

function countCell(summary: Summary | undefined): Cell {
  return summary ? { text: String(summary.n), sort: summary.n } : kAbsent;
}

// What the services of a stack used; the only one so far is a database.
const kServiceFigures: Wanted[] = [
  { metric: 'service_cpu_ns_per_request', title: 'Database CPU per request' },
  { metric: 'service_cpu_cores', title: 'Database CPU cores' },
  { metric: 'service_private_median_bytes', title: 'Database memory (private)' },
];

export function trialsText(n: number): string {
  return n === 1 ? '1 trial' : `${n} trials`;
}

function measuredOnly(entries: Entry[], wanted: Wanted[]): Wanted[] {
  return wanted.filter(({ metric }) => entries.some((e) => e.of.has(metric)));
}

export const kTimes: Record<Times, string> = { latency: 'Latency', service_time: 'Service time', delivery: 'Delivery' };

// What subscribers received, and the latency of publishing.
const kDeliveryFigures: Wanted[] = [
  { metric: 'deliveries_per_s', title: 'Deliveries' },
  { metric: 'delivery_fault_ratio', title: 'Faulty deliveries' },
  { metric: 'latency_p99_ns', title: 'Publish latency p99' },
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
    ...(board.loop === 'open' ? [{ metric: 'offered_per_s' as const, title: 'Offered rate' }] : []),
    { metric: 'throughput_per_s', title: 'Throughput' },
    ...percentilesOf(board.times)
      .filter((p) => p.label !== 'p90')
      .map((p) => ({ metric: p.metric, title: `${kTimes[board.times]} ${p.label}` })),
    ...(board.times === 'delivery' ? measuredOnly(board.entries, kDeliveryFigures) : []),
    { metric: 'app_cpu_ns_per_request', title: 'CPU per request' },
    ...measuredOnly(board.entries, kServiceFigures),
    { metric: 'error_ratio', title: 'Errors' },
    { metric: 'idle_pss_bytes', title: 'Idle memory (PSS)' },
    { metric: 'loaded_private_median_bytes', title: 'Memory under load (private)' },
    { metric: 'retained_pss_bytes', title: 'Memory after load (PSS)' },
    { metric: 'app_startup_ns', title: 'Start-up' },
    ...measuredOnly(board.entries, [{ metric: 'app_startup_cache_cold_ns', title: 'Cache-cold start-up' }]),
  ];
  const columns: Column<Entry>[] = [
    caseColumn(props.link),
    ...figures.map(({ metric, title }) => ({
      key: metric,
      title,
      number: true,
      cell: (e: Entry) => fullCell(e.of.get(metric), e.absent.get(metric) ?? gapOf(board, e)),
    })),
    { key: 'image', title: 'Image size', number: true, cell: imageCell },
    { key: 'bound', title: 'Limited by', cell: (e) => boundCell(e.of.get('throughput_per_s')) },
  ];
  return (
    <Table
      cards
      caption={`${phaseTitle(board.phase ?? '', board.phases)}: each value with its 95 % interval (or minimum–maximum) and trial count.`}
      columns={columns}
      rows={useFoundEntries(board.entries)}
      rowKey={(e) => e.case}
      sort={props.sort}
      onSort={props.onSort}
    />
  );
}

function gapOf(board: Board, entry: Entry): string | undefined {
  return board.gaps.find((gap) => gap.case === entry.case)?.reason;
}

// A value with its spread and trial count.
export function fullCell(summary: Summary | undefined, reason?: string): Cell {
  if (!summary) return absentCell(reason);
  const range = rangeText(summary);
  return {
    text: valueText(summary),
    title: exactWithGates(summary),
    small: (
      <>
        {range}
        {range && <br />}
        {trialsText(summary.n)}
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

// What a reader must know next to a number: its validity, and what limited it.
export function Marks({ summary }: { summary: Summary }) {
  const { bound } = summary;
  const limit = boundTitle(bound);
  return (
    <span class="line">
      {summary.validity !== 'valid' && (
        <Reason
          mark={words(summary.validity)}
          reason={gateTexts(summary).join(' ')}
          tone={summary.validity === 'invalid' ? 'bad' : 'warn'}
        />
      )}
      {limit && (
        <Reason
          mark={limit}
          reason={explainBound(bound)}
          tone={bound === 'loader' || bound === 'database' ? 'warn' : ''}
        />
      )}
      {summary.validity === 'valid' && !limit && '–'}
    </span>
  );
}
