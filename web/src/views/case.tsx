// One stack in one run: memory over time with phase bands, percentile curves, all its starts, and every trial.
import { useMemo } from 'preact/hooks';
import * as client from '../api/client';
import { casesOf, loopOf, phasesOf, slotOf } from '../model/board';
import { caseUrl, type Route, urlOf } from '../model/route';
import type { Run } from '../model/run';
import { explainBound, type Summary, type SummaryList, spreadOf, unitOf } from '../model/summary';
import { caseTitle, failureTitle, phaseTitle } from '../model/titles';
import type { Trial } from '../model/trial';
import { exact, scaleFor, spreadText, withUnit } from '../model/units';
import { go } from '../state/location';
import { MemoryTimeline, PercentileSpectrum } from './case_plots';
import { StartupStrip, StartWaterfall } from './case_starts';
import { TrialTable } from './case_trials';
import { Gaps } from './parts/gaps';
import { trialsText } from './parts/metric_table';
import { Crumbs, RunTags } from './parts/run_head';
import { Empty, Loaded } from './parts/states';
import { PhaseTabs } from './run';
import { useLoad } from './use_load';

export type CaseRoute = Extract<Route, { view: 'case' }>;

export function CasePage({ route }: { route: CaseRoute }) {
  const run = useLoad(`run ${route.id}`, () => client.run(route.id));
  const summaries = useLoad(`summaries ${route.id}`, () => client.summaries(route.id));
  const trials = useLoad(`trials ${route.id}`, () => client.trials(route.id));
  return (
    <Loaded load={run.now.value} what="the run" again={run.reload}>
      {(theRun) => (
        <Loaded load={summaries.now.value} what="the results" again={summaries.reload}>
          {(list) => (
            <Loaded load={trials.now.value} what="the trials" again={trials.reload}>
              {(all) => <Case run={theRun} list={list} trials={all.items} route={route} />}
            </Loaded>
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

interface Props {
  run: Run;
  list: SummaryList;
  trials: Trial[];
  route: CaseRoute;
}

function Case({ run, list, trials, route }: Props) {
  const summaries = list.items;
  const own = trials.filter((t) => t.case === route.case);
  const ownSummaries = summaries.filter((s) => s.case === route.case);
  const stackName = own[0]?.stack ?? ownSummaries[0]?.stack;
  const stack = run.stacks.find((s) => s.name === stackName);
  const phases = phasesOf(ownSummaries);
  const phase = route.phase !== undefined && phases.includes(route.phase) ? route.phase : phases[0];
  const loaded = useMemo(() => own.filter((t) => t.phases.length > 0), [trials, route.case]);
  const trial = own.find((t) => t.id === route.trial) ?? loaded[0];
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
  const slot = slotOf(summaries, route.case);
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
        </p>
      </div>
      <OtherCases run={run} summaries={summaries} now={route.case} phase={phase} />
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
          <KeyFigures summaries={ownSummaries} phase={phase} title={phaseTitle(phase, phases)} />
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
            chosen={trial}
            slot={slot}
          />
        )}
        {trial && trial.phases.length > 0 && (
          <MemoryTimeline
            key={`timeline ${trial.id}`}
            trial={trial}
            trials={loaded}
            slot={slot}
            choose={(id) => go(urlOf({ ...route, trial: id }), 'replace')}
          />
        )}
        <StartupStrip run={run} summaries={summaries} trials={trials} now={route.case} />
        <StartWaterfall
          trials={own}
          slot={slot}
          chosen={own.find((t) => t.id === route.trial)}
          choose={(id) => go(urlOf({ ...route, trial: id }), 'replace')}
        />
      </div>
      <TrialTable trials={own} phase={phase} title={phase && phaseTitle(phase, phases)} />
    </>
  );
}

function OtherCases(props: { run: Run; summaries: Summary[]; now: string; phase: string | undefined }) {
  const cases = casesOf(props.summaries);
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

function KeyFigures({ summaries, phase, title }: { summaries: Summary[]; phase: string; title: string }) {
  const of = new Map(
    summaries.filter((s) => s.phase === undefined || s.phase === phase).map((s) => [s.metric, s] as const),
  );
  const bound = of.get('throughput_per_s')?.bound ?? 'none';
  return (
    <section class="card" aria-label={`Results of ${title}`}>
      <dl class="facts">
        {kKeyMetrics.map(([metric, name]) => {
          const summary = of.get(metric);
          return summary && <KeyFigure key={metric} name={name} summary={summary} />;
        })}
      </dl>
      {bound !== 'none' && <p class="soft small">{explainBound(bound)}</p>}
    </section>
  );
}

function KeyFigure({ name, summary }: { name: string; summary: Summary }) {
  const unit = unitOf(summary);
  const scale = scaleFor(unit, summary.value);
  const spread = spreadOf(summary);
  return (
    <div class="big">
      <dt>{name}</dt>
      <dd title={exact(unit, summary.value)}>{withUnit(unit, summary.value)}</dd>
      <dd class="soft small plain">
        {spread && `${spreadText(scale, spread.low, spread.high)} · `}
        {trialsText(summary.n)}
        {summary.validity !== 'valid' && ` · ${summary.validity}`}
      </dd>
    </div>
  );
}
