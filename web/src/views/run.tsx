// The leaderboard of one run.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import * as client from '../api/client';
import { boardOf, countsOf, type Entry } from '../model/board';
import { rankingSentence } from '../model/leaderboard';
import { type Matrix, matrixOf } from '../model/matrix';
import { type Pool, poolSentence } from '../model/pool';
import type { Problem } from '../model/problem';
import { caseUrl, comparedUrl, liveUrl, type RunRoute, runUrl, urlOf } from '../model/route';
import { blocksTitle, hasEnded, hasResults, type Run, shortId } from '../model/run';
import { kFailed, kMatrix, shownOf } from '../model/selection';
import { type PhaseList, phaseToShow, type SummaryList } from '../model/summary';
import { caseTitle, failureTitle, phaseTitle, words } from '../model/titles';
import type { Trial } from '../model/trial';
import { follow } from '../state/live';
import type { Load, Loader } from '../state/load';
import { go } from '../state/location';
import { lazily } from './lazily';
import { Builds } from './parts/builds';
import { Gaps } from './parts/gaps';
import { Later } from './parts/later';
import { LivePanel } from './parts/live_panel';
import { Found, Search, usePart } from './parts/long_list';
import { ComparisonTable } from './parts/metric_table';
import { Objectives } from './parts/objectives';
import { PhaseTabs } from './parts/phase_tabs';
import { Crumbs, RunFacts, RunTags, runTitle, Warnings } from './parts/run_head';
import { Empty, Failed, Loaded } from './parts/states';
import type { Sort } from './parts/table';
import { WhenSeen } from './parts/when_seen';
import { MemoryAtRest, MemoryUnderLoad, MetricFigure, Percentiles, phaseOf } from './run_figures';
import { Glance, kNoLeads, type Leads } from './run_glance';
import { useKept, useLoad } from './use_load';

const Closely = lazily(async () => (await import('./run_closely')).Closely);

export function RunPage({ route }: { route: RunRoute }) {
  const run = useLoad(`run ${route.id}`, () => client.run(route.id));
  const phases = useLoad(`phases ${route.id}`, () => client.phases(route.id));
  return (
    <Loaded load={run.now.value} what="the run" again={run.reload}>
      {(value) => <Result run={value} phases={phases} route={route} ended={run.reload} />}
    </Loaded>
  );
}

// The same job and seed in a new run, which is shown.
function Retry({ run }: { run: Run }) {
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const retry = async () => {
    const answer = await client.retry(run.id);
    if (answer.ok) go(liveUrl(answer.value.id));
    else setProblem(answer.problem);
  };
  return (
    <div class="line">
      <button type="button" onClick={retry}>
        Run again
      </button>
      {run.retry_of !== undefined && (
        <span class="soft small">
          repeats <a href={runUrl(run.retry_of)}>run {shortId(run.retry_of)}</a>
        </span>
      )}
      {problem && <Failed problem={problem} />}
    </div>
  );
}

function Result(props: { run: Run; phases: Loader<PhaseList>; route: RunRoute; ended: () => void }) {
  const { run, phases, route, ended } = props;
  const known = phases.now.value;
  const phase = known.status === 'ready' ? phaseToShow(known.value, route.phase) : undefined;
  const summaries = useLoad(`summaries ${run.id} ${known.status} ${phase}`, () =>
    known.status === 'ready' ? client.summaries(run.id, shownOf(phase)) : undefined,
  );
  const trials = useLoad(`failed ${run.id}`, () => client.trials(run.id, kFailed));
  const [leads, setLeads] = useState<Leads>(kNoLeads);
  const [newest, setNewest] = useState(0); // counts what was measured while the page is open
  const figures = useLoad(`matrix ${run.id} ${newest}`, () => client.summaries(run.id, kMatrix));
  const all = figures.now.value;
  const matrix = useMemo(
    () =>
      all.status === 'ready' && known.status === 'ready'
        ? matrixOf(
            run,
            all.value,
            known.value.items.map((each) => each.phase),
          )
        : undefined,
    [all, known],
  );
  const refresh = () => {
    setNewest(newest + 1);
    void phases.reload();
    void summaries.reload();
    void trials.reload();
  };
  const openChart = (chosen: string) => {
    jumpTo = kChart;
    if (chosen === phase) showPart(kChart);
    else go(urlOf({ ...route, phase: chosen }));
  };
  const load = trials.now.value;
  return (
    <>
      <div class="head">
        <Crumbs here={runTitle(run)} />
        <h1>{runTitle(run)}</h1>
        <RunTags run={run} n={trialsOf(run, summaries.now.value)} />
        {run.note !== undefined && <p>{run.note}</p>}
        {run.decision !== undefined && phase !== undefined && (
          <Decision
            run={run}
            pool={run.decision}
            phase={phase}
            among={known.status === 'ready' ? known.value.items.map((each) => each.phase) : []}
          />
        )}
        <Jumps />
      </div>
      {!hasEnded(run.state) && <Going run={run} refresh={refresh} ended={ended} />}
      <div class="card">
        <RunFacts run={run} />
        {hasEnded(run.state) && <Retry run={run} />}
        {run.compare?.a_case !== undefined && run.compare.b_case !== undefined && hasResults(run.state) && (
          <a href={comparedUrl(run.id, run.compare.a_case, run.compare.b_case)}>Before against after</a>
        )}
      </div>
      <Warnings run={run} {...(load.status === 'ready' ? { failed: failedStacks(load.value.items) } : {})} />
      <Objectives run={run} newest={newest} />
      <Builds run={run} />
      {load.status === 'ready' && <FailedTrials run={run} trials={load.value.items} />}
      {known.status === 'ready' && known.value.items.length > 0 && (
        <Glance run={run} phase={phase} route={route} matrix={matrix} tell={setLeads} open={openChart} />
      )}
      <Loaded
        load={known.status === 'failed' ? known : summaries.now.value}
        what="the results"
        again={known.status === 'failed' ? phases.reload : summaries.reload}
      >
        {(list) => (
          <Leaderboard run={run} list={list} phase={phase} route={route} leads={leads} boards={matrix?.boards} />
        )}
      </Loaded>
      <MachineFacts run={run} />
    </>
  );
}

// Who is ahead where the trials of all nights are taken that measured the same: of one night alone, `standard` decides nothing.
function Decision({ run, pool, phase, among }: { run: Run; pool: Pool; phase: string; among: string[] }) {
  const board = useLoad(`decision ${run.id} ${phase}`, () => client.leaderboard({ run: [run.id], phase: [phase] }));
  const load = useKept(board.now.value);
  const ranking = load.status === 'ready' ? load.value.boards[0] : undefined;
  const url = urlOf({ view: 'leaderboard', run: run.id, board: phase, rest: [] });
  return (
    <p>
      {ranking !== undefined && (
        <>
          <b>
            {phaseTitle(ranking.phase ?? phase, among)}: {rankingSentence(ranking)}
          </b>{' '}
        </>
      )}
      <span class="soft">{poolSentence(pool)}</span> <a href={url}>Places, ties and intervals</a>
    </p>
  );
}

const kChart = 'chart';
const kParts: [string, string][] = [
  ['glance', 'Overview'],
  [kChart, 'Charts'],
  ['closely', 'Curves'],
  ['all', 'Table'],
  ['machine', 'Machine'],
];

// Where to go once the chart of another phase is there.
let jumpTo: string | undefined;

function showPart(id: string): void {
  jumpTo = undefined;
  const part = document.getElementById(id);
  part?.scrollIntoView();
  part?.focus({ preventScroll: true });
}

// On a narrow screen the page is long: where its parts are.
function Jumps() {
  return (
    <nav class="jumps" aria-label="Parts of this page">
      {kParts.map(([id, title]) => (
        <a key={id} href={`#${id}`}>
          {title}
        </a>
      ))}
    </nav>
  );
}

// How many trials are behind the headline. Before there are any, how many are planned.
function trialsOf(run: Run, load: Load<SummaryList>): string {
  if (load.status !== 'ready' || load.value.items.length === 0) return blocksTitle(run);
  const shown = load.value.items.find((each) => each.phase !== undefined)?.phase;
  const board = boardOf(run, load.value, shown);
  return countsOf(board.entries, [board.headline]);
}

// Of a long run the answers take the daemon 60 ms and more: asked for after each phase of a few seconds, a page would cost it more than 1 % of a core.
// What is on the page when it is opened counts as asked for then.
const kRefreshMs = 15_000;

// While the run is in progress: how far it is, and after a phase the results so far.
function Going({ run, refresh, ended }: { run: Run; refresh: () => void; ended: () => void }) {
  const following = useMemo(() => follow(run.id), [run.id]);
  useEffect(() => following.stop, [following]);
  const live = following.live.value;
  const newest = live.log.find((event) => event.kind === 'phase' || event.kind === 'trial_done')?.id;
  const refreshed = useRef(performance.now());
  useEffect(() => {
    if (newest === undefined) return;
    const timer = setTimeout(
      () => {
        refreshed.current = performance.now();
        refresh();
      },
      refreshed.current + kRefreshMs - performance.now(),
    );
    return () => clearTimeout(timer);
  }, [newest]);
  useEffect(() => {
    if (!live.ended) return;
    refresh();
    ended();
  }, [live.ended]);
  return (
    <LivePanel
      run={run}
      state={live.state ?? run.state}
      progress={live.progress ?? run.progress}
      mode={following.mode.value}
    />
  );
}

interface BoardProps {
  run: Run;
  list: SummaryList;
  phase: string | undefined;
  route: RunRoute;
  leads: Leads;
  boards: Matrix['boards'] | undefined; // of all phases, for what compares them
}

function Leaderboard({ run, list, phase, route, leads, boards }: BoardProps) {
  useEffect(() => {
    if (jumpTo !== undefined) showPart(jumpTo);
  }, [list]);
  if (list.items.length === 0) {
    return (
      <Empty title="No results yet.">{hasEnded(run.state) && 'The run ended before any phase was measured.'}</Empty>
    );
  }
  const board = boardOf(run, list, phase);
  const link = (entry: Entry) => caseUrl(run.id, entry.case, board.phase);
  const source = client.urls.summaries(run.id, shownOf(board.phase));
  return (
    <>
      <div id={kChart} tabIndex={-1} class="stackup">
        <PhaseTabs phases={board.phases} now={board.phase} url={(phase) => urlOf({ ...route, phase })} />
        <Gaps gaps={board.gaps} name={(gap) => caseTitle(run, gap.case)} />
        <Search
          of={board.entries.map((e) => ({ name: e.case, title: e.title }))}
          what="a stack"
          wanted={route.find ?? ''}
          set={(find) => go(urlOf({ ...route, find }), 'replace')}
        />
      </div>
      <Found wanted={route.find ?? ''}>
        <div class="two">
          <Later wide>
            <MetricFigure board={board} metric={board.headline} source={source} wide leads={leads} />
          </Later>
          <Later>
            <Percentiles board={board} source={source} />
          </Later>
          <Later>
            <MetricFigure board={board} metric="app_cpu_ns_per_request" source={source} />
          </Later>
          <Later>
            <MemoryAtRest board={board} source={source} />
          </Later>
          <Later>
            <MemoryUnderLoad board={board} source={source} />
          </Later>
          <Later wide>
            <MetricFigure board={board} metric="app_startup_ns" source={source} wide log />
          </Later>
        </div>
        <section id="closely" class="stackup" aria-label="Closely">
          <WhenSeen>{() => <Closely run={run} route={route} board={board} boards={boards} />}</WhenSeen>
        </section>
        <Later>
          <section class="card" aria-labelledby="all">
            <h2 id="all">All results, {phaseOf(board)}</h2>
            <ComparisonTable
              board={board}
              link={link}
              sort={sortOf(route.sort)}
              onSort={(sort) => keepSort(route, sort)}
            />
          </section>
        </Later>
      </Found>
    </>
  );
}

function failedStacks(trials: Trial[]): Set<string> {
  return new Set(trials.filter((t) => t.state === 'failed').map((t) => t.stack));
}

// One notice for each reason of a case, however many of its trials failed of it.
function FailedTrials({ run, trials }: { run: Run; trials: Trial[] }) {
  const groups = new Map<string, Trial[]>();
  for (const trial of trials.filter((t) => t.state === 'failed')) {
    const key = `${trial.case} ${trial.failure} ${trial.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  const { part, more } = usePart([...groups], 10);
  if (groups.size === 0) return null;
  return (
    <section class="stackup" aria-label="Failed trials">
      {part.map(([key, failed]) => (
        <FailedNotice key={key} run={run} failed={failed} />
      ))}
      {more}
    </section>
  );
}

function FailedNotice({ run, failed }: { run: Run; failed: Trial[] }) {
  const [trial] = failed;
  if (!trial) return null;
  const blocks = failed.map((each) => each.block).sort((a, b) => a - b);
  return (
    <div class="notice bad">
      <b>
        <a href={caseUrl(run.id, trial.case)}>{caseTitle(run, trial.case)}</a>,{' '}
        {blocks.length === 1 ? 'block' : 'blocks'} {blocks.join(', ')}: {failureTitle(trial.failure ?? 'failed')}
      </b>
      {trial.reason !== undefined && <span>{trial.reason}</span>}
    </div>
  );
}

function MachineFacts({ run }: { run: Run }) {
  const environment = useLoad(`environment ${run.id}`, () => client.environment(run.id));
  const load = environment.now.value;
  if (load.status !== 'ready') return null;
  return (
    <details class="card" id="machine">
      <summary>Machine and engine at the time</summary>
      <p class="soft small">
        Comparable with runs that have the same environment key: <code>{load.value.key}</code>
      </p>
      <dl class="facts">
        {load.value.facts.map((fact) => (
          <div key={fact.name}>
            <dt>
              {words(fact.name)}
              {fact.in_key && ' (part of the key)'}
            </dt>
            <dd>{fact.value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

// sort=throughput_per_s, sort=-throughput_per_s: the minus means largest first.
function sortOf(text: string | undefined): Sort | undefined {
  if (text === undefined) return undefined;
  return text.startsWith('-') ? { key: text.slice(1), down: true } : { key: text, down: false };
}

function keepSort(route: RunRoute, sort: Sort): void {
  go(urlOf({ ...route, sort: `${sort.down ? '-' : ''}${sort.key}` }), 'replace');
}
