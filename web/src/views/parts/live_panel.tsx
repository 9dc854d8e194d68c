// A run in progress: how far it is, its current step, its throughput, and the button that cancels it.
import type { Signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import * as client from '../../api/client';
import type { Live, LivePoint } from '../../model/live';
import type { Problem } from '../../model/problem';
import type { Progress, Run } from '../../model/run';
import { caseTitle, isOpenLoop, phaseTitle, words } from '../../model/titles';
import { relative, significant, stamp, withUnit } from '../../model/units';
import { Sparkline } from '../charts/sparkline';
import { Figure } from './figure';
import { Failed, StateTag } from './states';
import { Table } from './table';

const kModes: Record<string, string> = {
  connecting: 'connecting …',
  stream: 'live',
  polling: 'updating every 2 s',
  ended: 'ended',
};

// `standing`: of a run that compares two stacks, what its last look said.
export function LivePanel(props: {
  run: Run;
  state: string;
  progress: Progress | undefined;
  mode: string;
  standing?: string | undefined;
}) {
  const { progress, standing } = props;
  const most = props.run.compare === undefined ? '' : 'at most ';
  const done = (progress?.done_ratio ?? 0) * 100;
  return (
    <section class="card" aria-label="Progress">
      <div class="line">
        <StateTag state={props.state} />
        <b class="big">{Math.floor(done)} %</b>
        <span class="soft small">{kModes[props.mode] ?? props.mode}</span>
        <span class="push">
          <CancelButton run={props.run.id} state={props.state} />
        </span>
      </div>
      <div
        class="progress"
        role="progressbar"
        aria-label="Progress of the run"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(done)}
      >
        <i style={{ width: `${done}%` }} />
      </div>
      <dl class="facts">
        <Fact name="Now" value={nowWords(progress)} />
        <Fact name="Stack" value={progress?.case === undefined ? '–' : caseTitle(props.run, progress.case)} />
        <Fact name="Block" value={progress ? `${progress.block} of ${most}${progress.blocks}` : '–'} />
        <Eta at={progress?.eta_at} />
      </dl>
      {standing !== undefined && <p>{standing.replace('after', 'After')}</p>}
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Eta({ at }: { at: string | undefined }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <Fact name="Ends" value={endWords(at, now)} />;
}

function endWords(at: string | undefined, now: number): string {
  if (at === undefined) return 'not known yet';
  return Date.parse(at) < now ? 'any moment now' : `${relative(at, now)}, at ${stamp(at).slice(-5)}`;
}

function nowWords(progress: Progress | undefined): string {
  if (progress?.step === undefined) return 'waiting';
  const step = words(progress.step);
  return progress.phase === undefined ? step : `${step}: ${phaseTitle(progress.phase)}`;
}

function CancelButton({ run, state }: { run: string; state: string }) {
  const [sure, setSure] = useState(false);
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const cancel = async () => {
    setAsked(true);
    const answer = await client.cancel(run);
    if (!answer.ok) {
      setAsked(false);
      setProblem(answer.problem);
    }
  };
  const what = state === 'queued' ? 'before it starts' : 'the run';
  return (
    <>
      {sure && !asked ? (
        <span class="line" role="group" aria-label="Cancel the run?">
          <span class="small">What was measured is kept.</span>
          <button type="button" class="danger" onClick={cancel}>
            Yes, cancel
          </button>
          <button type="button" onClick={() => setSure(false)}>
            Go on
          </button>
        </span>
      ) : (
        <button type="button" class="danger" disabled={asked} onClick={() => setSure(true)}>
          {asked ? 'Cancelling …' : `Cancel ${what}`}
        </button>
      )}
      {problem && <Failed problem={problem} />}
    </>
  );
}

export function Rolling({ run, live }: { run: Run; live: Signal<Live> }) {
  const points = live.value.points;
  const last = points[points.length - 1];
  const isLoading = live.value.progress?.step === 'loading';
  const times = last?.phase !== undefined && isOpenLoop(last.phase) ? 'Latency' : 'Service time';
  const label = (point: LivePoint) =>
    [point.case && caseTitle(run, point.case), point.phase && phaseTitle(point.phase)].filter(Boolean).join(' · ');
  const rows = points.map((point, i) => ({ ...point, ago: points.length - 1 - i })).reverse();
  const table = (
    <Table
      caption="Live values, newest first."
      columns={[
        { key: 'ago', title: 'Seconds ago', number: true, cell: (p) => ({ text: String(p.ago), sort: p.ago }) },
        { key: 'label', title: 'Phase', cell: (p) => ({ text: label(p), sort: label(p) }) },
        {
          key: 'rate',
          title: 'Throughput, /s',
          number: true,
          cell: (p) => ({ text: significant(p.rate_per_s), sort: p.rate_per_s }),
        },
        {
          key: 'p99',
          title: `${times} p99`,
          number: true,
          cell: (p) => (p.p99_ns === undefined ? { text: '–' } : { text: withUnit('ns', p.p99_ns), sort: p.p99_ns }),
        },
      ]}
      rows={rows}
      rowKey={(p) => String(p.ago)}
    />
  );
  return (
    <Figure
      title="Under load now"
      sentence={!last ? 'No load right now.' : isLoading ? label(last) : `No load right now. Last: ${label(last)}`}
      table={table}
      reading="Live values, last two minutes. Not part of the result."
    >
      <div class={`two${isLoading ? '' : ' past'}`}>
        <Gauge
          name="Throughput"
          value={last ? withUnit('1/s', last.rate_per_s) : '–'}
          values={points.map((p) => p.rate_per_s)}
          slot={1}
        />
        <Gauge
          name={`${times} p99`}
          value={last?.p99_ns === undefined ? '–' : withUnit('ns', last.p99_ns)}
          values={points.map((p) => p.p99_ns ?? null)}
          slot={2}
        />
      </div>
    </Figure>
  );
}

function Gauge(props: { name: string; value: string; values: (number | null)[]; slot: number }) {
  return (
    <div class="stackup">
      <dl class="facts">
        <div class="big">
          <dt>{props.name}</dt>
          <dd>{props.value}</dd>
        </div>
      </dl>
      <Sparkline values={props.values} slot={props.slot} />
    </div>
  );
}
