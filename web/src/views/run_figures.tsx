// The charts of one phase of a run, each with its sentence and its table.
import { type Board, type Entry, percentilesOf, sorted, type Times } from '../model/board';
import { leadWords } from '../model/matrix';
import type { MetricName } from '../model/metric';
import { leadSentence, whiskerWords } from '../model/sentences';
import { phaseTitle } from '../model/titles';
import { withUnit } from '../model/units';
import { Bars } from './charts/bars';
import { Ladder, type Rung, RungKey } from './charts/ladder';
import { Figure } from './parts/figure';
import { kTimes, MetricTable } from './parts/metric_table';
import type { Leads } from './run_glance';

export function phaseOf(board: Board): string {
  return board.phase === undefined ? '' : phaseTitle(board.phase, board.phases);
}

interface ChartProps {
  board: Board;
  source: string;
}

const kTitles: Record<string, string> = {
  app_cpu_ns_per_request: 'CPU time per request',
  app_startup_ns: 'Start-up time (process start to first HTTP 200)',
  throughput_per_s: 'Throughput',
  latency_p99_ns: 'Latency p99 (from the moment each request was due)',
  delivery_p99_ns: 'Delivery p99 (from the moment each message was due to its arrival)',
};

export function MetricFigure(props: ChartProps & { metric: MetricName; wide?: boolean; log?: boolean; leads?: Leads }) {
  const { board, metric } = props;
  const isHeadline = metric === board.headline;
  const apart = isHeadline && board.ownRates;
  const entries = apart ? board.entries : sorted(board.entries, metric);
  const title = kTitles[metric] ?? metric;
  const lead = props.leads?.of.get(board.phase ?? '');
  const pairs = props.leads?.pairs.get(board.phase ?? '');
  const told = lead !== undefined && pairs !== undefined;
  const titleOf = (name: string) => entries.find((entry) => entry.case === name)?.title ?? name;
  const said = [leadSentence(entries, metric, isHeadline && !told), told ? leadWords(lead, pairs, titleOf) : '']
    .filter(Boolean)
    .join(' ');
  const metrics = [{ metric, title }, ...(apart ? [{ metric: 'offered_per_s' as const, title: 'Offered rate' }] : [])];
  return (
    <Figure
      title={title}
      sentence={apart ? kOwnRates : said}
      reading={whiskerWords(entries, metric)}
      source={props.source}
      wide={props.wide ?? false}
      table={<MetricTable caption={`${title}, ${phaseOf(board)}`} entries={entries} metrics={metrics} />}
    >
      <Bars
        entries={entries}
        metric={metric}
        log={props.log ?? false}
        tied={apart ? [] : lead?.group}
        {...(apart ? { note: rateOf } : {})}
      />
    </Figure>
  );
}

const kOwnRates =
  'Each stack runs at its own rate, a share of its maximum, shown next to its value. This is not a ranking.';

function rateOf(entry: Entry): string {
  const offered = entry.of.get('offered_per_s');
  return offered ? ` · at ${withUnit('1/s', offered.value)}` : '';
}

function LadderFigure(
  props: ChartProps & {
    title: string;
    sentence: string;
    rungs: Rung[];
    shown: MetricName;
    unit: 'ns' | 'B';
    log: boolean;
    byName?: boolean;
  },
) {
  const entries = props.byName ? props.board.entries : sorted(props.board.entries, props.shown);
  const metrics = props.rungs.map((rung) => ({ metric: rung.metric, title: rung.label }));
  return (
    <Figure
      title={props.title}
      sentence={props.sentence}
      source={props.source}
      reading={<RungKey rungs={props.rungs} />}
      table={<MetricTable caption={`${props.title}, ${phaseOf(props.board)}`} entries={entries} metrics={metrics} />}
    >
      <Ladder entries={entries} rungs={props.rungs} shown={props.shown} unit={props.unit} log={props.log} />
    </Figure>
  );
}

const kTimesSentences: Record<Times, string> = {
  latency: 'From the moment each request was due. A stall delays every request behind it, and that shows here.',
  service_time: 'From the moment each request was sent, which is all a closed loop can know. This is not latency.',
  delivery: 'From the moment each message was due to its arrival, counted for every subscriber.',
};

export function Percentiles(props: ChartProps) {
  const { times } = props.board;
  const rungs = percentilesOf(times);
  return (
    <LadderFigure
      {...props}
      title={kTimes[times]}
      sentence={kTimesSentences[times]}
      rungs={rungs}
      shown={rungs[2]?.metric ?? props.board.headline}
      unit="ns"
      log
      byName={props.board.ownRates}
    />
  );
}

export function MemoryAtRest(props: ChartProps) {
  return (
    <LadderFigure
      {...props}
      title="Memory without load (PSS)"
      sentence="Proportional set size before the first request and after the last. Shared pages count once."
      rungs={[
        { metric: 'idle_pss_bytes', label: 'idle' },
        { metric: 'retained_pss_bytes', label: 'after load' },
      ]}
      shown="idle_pss_bytes"
      unit="B"
      log={false}
    />
  );
}

export function MemoryUnderLoad(props: ChartProps) {
  return (
    <LadderFigure
      {...props}
      title="Memory under load (private)"
      sentence="Anonymous, shared and kernel pages: the cost of one more instance."
      rungs={[
        { metric: 'idle_private_bytes', label: 'idle' },
        { metric: 'retained_private_bytes', label: 'after load' },
        { metric: 'loaded_private_median_bytes', label: 'under load, median' },
        { metric: 'loaded_private_peak_bytes', label: 'under load, peak' },
      ]}
      shown="loaded_private_peak_bytes"
      unit="B"
      log={false}
    />
  );
}
