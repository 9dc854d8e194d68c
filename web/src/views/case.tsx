// One stack in one run: its figures of a phase, percentile curves, memory over time with phase bands, and below them its starts and trials.
import { useMemo } from 'preact/hooks';
import * as client from '../api/client';
import { absentOf, allCasesOf, loopOf, slotOf, type Times, timesOf } from '../model/board';
import type { MetricName } from '../model/metric';
import { caseUrl, historyUrl, type Route, urlOf } from '../model/route';
import type { Run } from '../model/run';
import { shownOf } from '../model/selection';
import {
  type Absence,
  exactWithGates,
  explainBound,
  gateTexts,
  rangeText,
  type Summary,
  type SummaryList,
  valueText,
} from '../model/summary';
import { caseTitle, failureTitle, phaseTitle } from '../model/titles';
import type { Measurement, Trial } from '../model/trial';
import { withUnit } from '../model/units';
import { go } from '../state/location';
import { MemoryTimeline, PercentileSpectrum } from './case_plots';
import { lazily } from './lazily';
import { Gaps } from './parts/gaps';
import { Later } from './parts/later';
import { trialsText } from './parts/metric_table';
import { PhaseTabs } from './parts/phase_tabs';
import { Crumbs, RunTags } from './parts/run_head';
import { StackOrigin } from './parts/stack_origin';
import { Empty, Loaded } from './parts/states';
import { WhenSeen } from './parts/when_seen';
import { useLoad } from './use_load';

const CaseBelow = lazily(async () => (await import('./case_below')).CaseBelow);

type CaseRoute = Extract<Route, { view: 'case' }>;

export function CasePage({ route }: { route: CaseRoute }) {
  const run = useLoad(`run ${route.id}`, () => client.run(route.id));
  const trials = useLoad(`trials ${route.id} ${route.case}`, () => client.trials(route.id, { case: [route.case] }));
  const own = trials.now.value;
  const phases = own.status === 'ready' ? phasesIn(own.value.items) : [];
  const phase = route.phase !== undefined && phases.includes(route.phase) ? route.phase : phases[0];
  const summaries = useLoad(`summaries ${route.id} ${route.case} ${own.status} ${phase}`, () =>
    own.status === 'ready' ? client.summaries(route.id, { case: [route.case], ...shownOf(phase) }) : undefined,
  );
  return (
    <Loaded load={run.now.value} what="the run" again={run.reload}>
      {(theRun) => (
        <Loaded load={trials.now.value} what="the trials" again={trials.reload}>
          {(all) => (
            <Loaded load={summaries.now.value} what="the results" again={summaries.reload}>
              {(list) => <Case run={theRun} list={list} own={all.items} phases={phases} phase={phase} route={route} />}
            </Loaded>
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function phasesIn(trials: Trial[]): string[] {
  return [...new Set(trials.flatMap((trial) => trial.phases))];
}

async function allMeasurements(
  trials: Trial[],
  phase: string | undefined,
): Promise<client.Answer<Map<string, Measurement[]>>> {
  const selection = phase === undefined ? {} : { phase: [phase] };
  const answer = await client.all(trials.map((t) => client.measurements(t.id, selection)));
  return client.mapped(answer, (all) => new Map(all.map((one) => [one.trial, one.phases])));
}

interface Props {
  run: Run;
  list: SummaryList; // of this case
  own: Trial[];
  phases: string[];
  phase: string | undefined;
  route: CaseRoute;
}

function Case({ run, list, own, phases, phase, route }: Props) {
  const ownSummaries = list.items;
  const stackName = own[0]?.stack ?? ownSummaries[0]?.stack;
  const stack = run.stacks.find((s) => s.name === stackName);
  const loaded = useMemo(() => own.filter((t) => t.phases.length > 0), [own]);
  const trial = own.find((t) => t.id === route.trial) ?? loaded[0];
  const measured = useLoad(`measurements ${phase} ${loaded.map((t) => t.id).join()}`, () =>
    allMeasurements(loaded, phase),
  );
  const title = caseTitle(run, route.case);
  if (own.length === 0 && ownSummaries.length === 0) {
    return (
      <>
        <Crumbs run={run.id} here={title} />
        <h1>{title}</h1>
        <Empty title="This stack has no trials in this run." />
      </>
    );
  }
  const slot = slotOf(route.case);
  return (
    <>
      <div class="head">
        <Crumbs run={run.id} here={title} />
        <h1>{title}</h1>
        <RunTags run={run} n={String(loaded.length)} />
        <p class="soft">
          <code>{stackName}</code>
          {stack?.reported_version !== undefined && ` · ${stack.runtime ?? 'runtime'} ${stack.reported_version}`}
          {stack?.image_bytes !== undefined && ` · image ${withUnit('B', stack.image_bytes)}`}
          {' · '}
          <a href={historyUrl(route.case, phase)}>From run to run</a>
        </p>
        {stack !== undefined && <StackOrigin stack={stack} />}
      </div>
      <OtherCases run={run} cases={allCasesOf(list)} now={route.case} phase={phase} />
      {own
        .filter((t) => t.state === 'failed')
        .map((t) => (
          <FailedTrial key={t.id} trial={t} />
        ))}
      <Gaps
        gaps={(list.gaps ?? []).filter((gap) => gap.case === route.case)}
        name={(gap) => phaseTitle(gap.phase, phases)}
      />
      {phase !== undefined && (
        <>
          <PhaseTabs phases={phases} now={phase} url={(p) => urlOf({ ...route, phase: p })} />
          <KeyFigures
            summaries={ownSummaries}
            absent={absentOf(list, route.case, phase)}
            phase={phase}
            title={phaseTitle(phase, phases)}
          />
        </>
      )}
      <div class="two">
        {phase !== undefined && loaded.length > 0 && (
          <PercentileSpectrum
            key={`spectrum ${phase}`}
            phase={phase}
            title={phaseTitle(phase, phases)}
            loop={loopOf(ownSummaries, phase)}
            trials={loaded.filter((t) => t.phases.includes(phase))}
            measured={measured.now.value}
            absent={absentOf(list, route.case, phase)}
            chosen={trial}
            slot={slot}
          />
        )}
        {trial && trial.phases.length > 0 && (
          <Later>
            <MemoryTimeline
              key={`timeline ${trial.id}`}
              trial={trial}
              trials={loaded}
              slot={slot}
              choose={(id) => go(urlOf({ ...route, trial: id }), 'replace')}
            />
          </Later>
        )}
      </div>
      <section id="below" class="stackup" aria-label="Starts and trials">
        <WhenSeen>
          {() => (
            <CaseBelow
              run={run}
              name={route.case}
              own={own}
              slot={slot}
              chosen={own.find((t) => t.id === route.trial)}
              choose={(id) => go(urlOf({ ...route, trial: id }), 'replace')}
              phase={phase}
              title={phase && phaseTitle(phase, phases)}
              measured={measured}
            />
          )}
        </WhenSeen>
      </section>
    </>
  );
}

function OtherCases(props: { run: Run; cases: string[]; now: string; phase: string | undefined }) {
  const { cases } = props;
  if (cases.length < 2) return null;
  return (
    <nav class="tabs" aria-label="Stacks of this run">
      {cases.map((name) => (
        <a
          key={name}
          href={caseUrl(props.run.id, name, props.phase)}
          aria-current={name === props.now ? 'true' : undefined}
        >
          {caseTitle(props.run, name)}
        </a>
      ))}
    </nav>
  );
}

function FailedTrial({ trial }: { trial: Trial }) {
  const whole = useLoad(`trial ${trial.id}`, () => client.trial(trial.id));
  const load = whole.now.value;
  const output = load.status === 'ready' ? load.value.last_output : undefined;
  return (
    <div class="notice bad">
      <b>
        Block {trial.block}: {failureTitle(trial.failure ?? 'failed')}
      </b>
      {trial.reason !== undefined && <span>{trial.reason}</span>}
      {output !== undefined && output !== '' && (
        <details>
          <summary>Last container output</summary>
          <pre>{output}</pre>
        </details>
      )}
    </div>
  );
}

const kKeyMetrics = [
  ['throughput_per_s', 'Throughput'],
  ['latency_p50_ns', 'Latency p50'],
  ['latency_p99_ns', 'Latency p99'],
  ['service_time_p50_ns', 'Service time p50'],
  ['service_time_p99_ns', 'Service time p99'],
  ['deliveries_per_s', 'Deliveries'],
  ['delivery_p50_ns', 'Delivery p50'],
  ['delivery_p99_ns', 'Delivery p99'],
  ['delivery_fault_ratio', 'Faulty deliveries'],
  ['app_cpu_ns_per_request', 'CPU per request'],
  ['service_cpu_ns_per_request', 'Database CPU per request'],
  ['service_private_peak_bytes', 'Database peak memory (private)'],
  ['loaded_private_peak_bytes', 'Peak memory (private)'],
  ['app_startup_ns', 'Start-up'],
  ['idle_pss_bytes', 'Idle memory (PSS)'],
] as const;

function KeyFigures(props: { summaries: Summary[]; absent: Absence[]; phase: string; title: string }) {
  const { summaries, absent, phase, title } = props;
  const of = new Map(
    summaries.filter((s) => s.phase === undefined || s.phase === phase).map((s) => [s.metric, s] as const),
  );
  const bound = of.get('throughput_per_s')?.bound ?? 'none';
  const times = timesOf(summaries, phase);
  return (
    <section class="card" aria-label={`Results of ${title}`}>
      <dl class="facts">
        {kKeyMetrics.map(([metric, name]) => {
          const summary = of.get(metric);
          if (summary) return <KeyFigure key={metric} name={name} summary={summary} />;
          if (isOfOtherTimes(metric, times)) return null;
          const reason = absent.find((each) => each.metric === metric)?.reason;
          return reason !== undefined && <AbsentFigure key={metric} name={name} reason={reason} />;
        })}
      </dl>
      {bound !== 'none' && <p class="soft small">{explainBound(bound)}</p>}
    </section>
  );
}

// A closed loop has no latency to be missing.
function isOfOtherTimes(metric: MetricName, times: Times): boolean {
  const kAll: Times[] = ['latency', 'service_time', 'delivery'];
  return kAll.some((each) => each !== times && metric.startsWith(`${each}_p`));
}

function KeyFigure({ name, summary }: { name: string; summary: Summary }) {
  const range = rangeText(summary);
  const isOut = summary.validity === 'invalid';
  return (
    <div class={`big${isOut ? ' struck' : ''}`}>
      <dt>{name}</dt>
      <dd title={exactWithGates(summary)}>{valueText(summary)}</dd>
      <dd class="soft small plain">
        {range && `${range} · `}
        {isOut ? 'struck out' : trialsText(summary.n)}
        {summary.validity === 'degraded' && ' · degraded'}
      </dd>
      {summary.validity !== 'valid' && <dd class="soft small plain">{gateTexts(summary).join(' ')}</dd>}
    </div>
  );
}

function AbsentFigure({ name, reason }: { name: string; reason: string }) {
  return (
    <div class="big">
      <dt>{name}</dt>
      <dd>–</dd>
      <dd class="soft small plain">{reason}</dd>
    </div>
  );
}
