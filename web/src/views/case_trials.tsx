// Every trial of a case with its results in one phase: the raw values behind the summaries.
import type { MetricName } from '../model/metric';
import { boundTitle, failureTitle, gateTitle, words } from '../model/titles';
import { figureOf, gateWords, type Measurement, readingOf, startMetricOf, type Trial } from '../model/trial';
import { exact, percent, type Unit, withUnit } from '../model/units';
import type { Loader } from '../state/load';
import { Loaded, StateTag } from './parts/states';
import { type Cell, type Column, Table } from './parts/table';

interface Row {
  trial: Trial;
  measured: Measurement | undefined;
}

interface Props {
  trials: Trial[];
  phase: string | undefined;
  title: string | undefined;
  all: Loader<Map<string, Measurement[]>>; // by trial
}

export function TrialTable({ trials, phase, title, all }: Props) {
  return (
    <section class="card" aria-labelledby="trials">
      <h2 id="trials">Trials{title !== undefined && `, ${title}`}</h2>
      <Loaded load={all.now.value} what="the measurements" again={all.reload}>
        {(of) => {
          const rows = trials.map((trial) => ({
            trial,
            measured: of.get(trial.id)?.find((m) => m.phase === phase),
          }));
          return (
            <>
              <Table
                cards
                caption="In the order they ran. Extra starts carry no load."
                rows={rows}
                rowKey={(r) => r.trial.id}
                columns={columnsOf(rows)}
              />
              <Gates rows={rows} />
            </>
          );
        }}
      </Loaded>
    </section>
  );
}

// Of a trial that was cut off and made again.
function attemptOf(trial: Trial): string {
  return trial.attempt === undefined || trial.attempt === 1 ? '' : ` · attempt ${trial.attempt}`;
}

function columnsOf(rows: Row[]): Column<Row>[] {
  const open = rows.some((r) => r.measured?.loop === 'open');
  const head = open ? 'latency' : 'service_time';
  const spoken = open ? 'Latency' : 'Service time';
  return [
    {
      key: 'trial',
      title: 'Trial',
      head: true,
      cell: ({ trial }) => ({
        text: `${trial.index + 1}`,
        small: `block ${trial.block} · ${trial.kind === 'startup' ? 'start only' : 'load'}${attemptOf(trial)}`,
        sort: trial.index,
      }),
    },
    {
      key: 'state',
      title: 'State',
      cell: ({ trial }) => ({ text: <StateTag state={trial.state} />, sort: trial.state }),
    },
    ofPhase('throughput_per_s', 'Throughput', '1/s'),
    ofPhase(`${head}_p50_ns`, `${spoken} p50`, 'ns'),
    ofPhase(`${head}_p99_ns`, `${spoken} p99`, 'ns'),
    ofPhase('app_cpu_ns_per_request', 'CPU per request', 'ns'),
    { key: 'errors', title: 'Errors', number: true, cell: errorCell },
    ofPhase('loaded_private_peak_bytes', 'Peak memory (private)', 'B'),
    {
      key: 'app_startup_ns',
      title: 'Start-up',
      number: true,
      cell: ({ trial }) => valueCell(trial, startMetricOf(trial), 'ns'),
    },
    ofTrial('idle_pss_bytes', 'Idle memory (PSS)', 'B'),
    ofTrial('retained_pss_bytes', 'Memory after load (PSS)', 'B'),
    { key: 'verdict', title: 'Verdict', cell: verdictCell },
  ];
}

function ofPhase(metric: MetricName, title: string, unit: Unit): Column<Row> {
  return { key: metric, title, number: true, cell: ({ measured }) => valueCell(measured, metric, unit) };
}

function ofTrial(metric: MetricName, title: string, unit: Unit): Column<Row> {
  return { key: metric, title, number: true, cell: ({ trial }) => valueCell(trial, metric, unit) };
}

// Struck out is exactly the reading that a gate made invalid, with what the gate says.
function valueCell(of: Measurement | Trial | undefined, metric: MetricName, unit: Unit): Cell {
  const reading = readingOf(of, metric);
  const value = reading?.value;
  if (reading === undefined || value === undefined) {
    const absent = reading?.absent;
    return { text: '–', title: absent ?? 'not measured', ...(absent ? { small: absent } : {}) };
  }
  const title = [exact(unit, value), ...gateWords(of, reading)].join('. ');
  return { text: withUnit(unit, value), title, sort: value, out: reading.validity === 'invalid' };
}

function errorCell({ measured }: Row): Cell {
  if (!measured) return { text: '–' };
  const errors = Object.entries(measured.counts.errors).filter(([kind, n]) => kind !== 'total' && n > 0);
  const ratio = figureOf(measured, 'error_ratio');
  return {
    text: ratio === undefined ? '–' : percent(ratio),
    ...(errors.length > 0 ? { small: errors.map(([kind, n]) => `${n} ${words(kind)}`).join(', ') } : {}),
    ...(ratio === undefined ? {} : { sort: ratio }),
  };
}

function verdictCell({ measured, trial }: Row): Cell {
  if (!measured) return { text: trial.failure === undefined ? '–' : failureTitle(trial.failure) };
  const { validity, bound } = measured.verdict;
  return {
    text: (
      <span class={`tag ${validity === 'valid' ? 'good' : validity === 'invalid' ? 'bad' : 'warn'}`}>{validity}</span>
    ),
    ...(bound === 'none' ? {} : { small: boundTitle(bound) }),
    sort: validity,
  };
}

function Gates({ rows }: { rows: Row[] }) {
  const spoken = rows.flatMap(({ trial, measured }) =>
    [...trial.verdict.gates, ...(measured?.verdict.gates ?? [])].map((gate) => ({ trial, gate })),
  );
  return (
    <>
      {spoken.map(({ trial, gate }) => (
        <div class={`notice ${gate.validity === 'invalid' ? 'bad' : 'warn'}`} key={trial.id + gate.gate}>
          <b>
            Trial {trial.index + 1}, {gate.validity}: {gateTitle(gate.gate)}
          </b>
          <span>{gate.text}</span>
        </div>
      ))}
    </>
  );
}
