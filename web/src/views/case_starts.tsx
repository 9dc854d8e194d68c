// Start-up of a case: all its starts next to those of the other cases, and one start step by step.
import * as client from '../api/client';
import { allCasesOf, slotOf } from '../model/board';
import { caseUrl } from '../model/route';
import type { Run } from '../model/run';
import type { SummaryList } from '../model/summary';
import { caseTitle, words } from '../model/titles';
import { gateWords, readingOf, type Startup, startMetricOf, type Trial } from '../model/trial';
import { exact, withUnit } from '../model/units';
import { middleStart, waterfallOf } from '../model/waterfall';
import { TrialChoice } from './case_plots';
import { Strip } from './charts/strip';
import { Waterfall } from './charts/waterfall';
import { Figure } from './parts/figure';
import { type Cell, Table } from './parts/table';

const kKinds: [string, string][] = [
  ['warm', 'app_startup_ns'],
  ['cache_cold', 'app_startup_cache_cold_ns'],
];

// The starts that count, of every case alike, as their summaries have them. The table has all of this one.
export function StartupStrip(props: { run: Run; starts: SummaryList; own: Trial[]; now: string }) {
  const { run, starts, now } = props;
  const own = props.own.filter((t) => startOf(t) !== undefined);
  const valuesOf = (name: string, metric: string) =>
    starts.items
      .filter((s) => s.case === name && s.metric === metric)
      .flatMap((s) => s.values.map((value, i) => ({ value, label: `start ${i + 1}` })));
  const kinds = kKinds.filter(([, metric]) => starts.items.some((s) => s.metric === metric && s.values.length > 0));
  const rows = allCasesOf(starts).flatMap((name) =>
    kinds.map(([kind, metric]) => ({
      key: `${name} ${kind}`,
      title: kinds.length > 1 ? `${caseTitle(run, name)}, ${words(kind)}` : caseTitle(run, name),
      href: caseUrl(run.id, name),
      slot: slotOf(name),
      strong: name === now,
      values: valuesOf(name, metric),
    })),
  );
  return (
    <Figure
      title="All starts"
      sentence={`Process start to first HTTP 200${kinds.length === 1 ? `, ${words(kinds[0]?.[0] ?? '')} starts` : ''}. The vertical line is the median. What a gate struck out is in the table only.`}
      source={client.urls.trials(run.id, { case: [now] })}
      table={
        <Table
          caption={`Starts of ${caseTitle(run, now)}`}
          rows={own}
          rowKey={(t) => t.id}
          columns={[
            { key: 'trial', title: 'Trial', head: true, cell: (t) => ({ text: String(t.index + 1), sort: t.index }) },
            {
              key: 'kind',
              title: 'Kind',
              cell: (t) => ({ text: words(t.startup?.kind ?? ''), sort: t.startup?.kind ?? '' }),
            },
            { key: 'app', title: 'Process start to first HTTP 200', number: true, cell: startCell },
            {
              key: 'listen',
              title: 'Process start to listening',
              number: true,
              cell: (t) => nsCell(between(t.startup, 'exec_ns', 'listen_ns')),
            },
            {
              key: 'whole',
              title: 'Start call to first HTTP 200',
              number: true,
              cell: (t) => nsCell(between(t.startup, 'start_call_ns', 'first_good_ns')),
            },
            {
              key: 'engine',
              title: 'Start call to process start',
              number: true,
              cell: (t) => nsCell(between(t.startup, 'start_call_ns', 'exec_ns')),
            },
          ]}
        />
      }
    >
      <Strip rows={rows.filter((row) => row.values.length > 0)} unit="ns" />
    </Figure>
  );
}

function startOf(trial: Trial): number | undefined {
  return readingOf(trial, startMetricOf(trial))?.value;
}

function startCell(trial: Trial): Cell {
  const reading = readingOf(trial, startMetricOf(trial));
  const cell = nsCell(reading?.value);
  if (!reading || reading.validity === 'valid') return cell;
  const title = [cell.title, ...gateWords(trial, reading)].join('. ');
  return { ...cell, title, out: reading.validity === 'invalid' };
}

type Mark = keyof Startup['marks'];

// Of every kind of start: from its marks, because only warm ones have a metric for each step.
function between(startup: Startup | undefined, from: Mark, to: Mark): number | undefined {
  const [begin, end] = [startup?.marks[from], startup?.marks[to]];
  return begin === undefined || end === undefined ? undefined : end - begin;
}

function nsCell(value: number | undefined): Cell {
  if (value === undefined) return { text: '–', title: 'not measured' };
  return { text: withUnit('ns', value), title: exact('ns', value), sort: value };
}

export function StartWaterfall(props: {
  trials: Trial[];
  chosen: Trial | undefined;
  slot: number;
  choose: (id: string) => void;
}) {
  const timed = props.trials.filter((t) => t.startup !== undefined);
  const shown = timed.find((t) => t.id === props.chosen?.id) ?? middleStart(timed);
  if (!shown?.startup) return null;
  const spans = waterfallOf(shown.startup);
  const absent = Object.entries(shown.startup.absent);
  return (
    <Figure
      title="One start, step by step"
      sentence={`From container creation on. ${
        shown.id === props.chosen?.id ? '' : 'This is the median start of this stack. '
      }The sandbox that owns the network was created before, in ${withUnit('ns', shown.startup.sandbox_ns)}.`}
      reading={
        absent.length > 0
          ? `Not measured: ${absent.map(([what, why]) => `${words(what.replace(/_ns$/, ''))} (${why})`).join(', ')}.`
          : undefined
      }
      source={client.path('trials', shown.id)}
      table={
        <Table
          caption="Steps of this start"
          rows={spans}
          rowKey={(s) => s.name}
          columns={[
            { key: 'name', title: 'Step', head: true, cell: (s) => ({ text: s.name, small: s.meaning }) },
            { key: 'from', title: 'From', number: true, cell: (s) => nsCell(s.from_ns) },
            { key: 'to', title: 'To', number: true, cell: (s) => nsCell(s.to_ns) },
            { key: 'took', title: 'Duration', number: true, cell: (s) => nsCell(s.to_ns - s.from_ns) },
          ]}
        />
      }
    >
      <TrialChoice trials={timed} now={shown} choose={props.choose} label="Start" />
      <Waterfall spans={spans} slot={props.slot} />
    </Figure>
  );
}
