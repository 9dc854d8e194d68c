// The leaderboard of one run.

import { useEffect, useMemo, useState } from 'preact/hooks';
import * as client from '../api/client';
import { type Board, boardOf, countsOf, type Entry, percentilesOf, sorted, type Times } from '../model/board';
import type { Compared } from '../model/compare';
import { rankingSentence } from '../model/leaderboard';
import { bestOf, type Lead, leadOf, leadWords, type Matrix, matrixOf, pairsOf, rivalsOf } from '../model/matrix';
import type { MetricName } from '../model/metric';
import { type Pool, poolSentence } from '../model/pool';
import type { Problem } from '../model/problem';
import { caseUrl, liveUrl, type RunRoute, runUrl, urlOf } from '../model/route';
import { hasEnded, type Run, shortId } from '../model/run';
import { kMatrix, shownOf } from '../model/selection';
import { leadSentence, whiskerWords } from '../model/sentences';
import { phaseToShow, type SummaryList } from '../model/summary';
import { caseTitle, failureTitle, phaseTitle, words } from '../model/titles';
import type { Trial } from '../model/trial';
import { withUnit } from '../model/units';
import { follow } from '../state/live';
import type { Load } from '../state/load';
import { go } from '../state/location';
import { Bars } from './charts/bars';
import { Ladder, type Rung, RungKey } from './charts/ladder';
import { lazily } from './lazily';
import { Builds } from './parts/builds';
import { Figure } from './parts/figure';
import { Gaps } from './parts/gaps';
import { Later } from './parts/later';
import { LivePanel } from './parts/live_panel';
import { Found, Search, usePart } from './parts/long_list';
import { MatrixKey, MatrixTable } from './parts/matrix';
import { ComparisonTable, kTimes, MetricTable } from './parts/metric_table';
import { PhaseTabs } from './parts/phase_tabs';
import { Crumbs, RunFacts, RunTags, runTitle, Warnings } from './parts/run_head';
import { Empty, Failed, Loaded } from './parts/states';
import type { Sort } from './parts/table';
import { WhenSeen } from './parts/when_seen';
import { notYet, useKept, useLoad } from './use_load';

const Closely = lazily(async () => (await import('./run_closely')).Closely);

export function RunPage({ route }: { route: RunRoute }) {
  const run = useLoad(`run ${route.id}`, () => client.run(route.id));
  return (
    <Loaded load={run.now.value} what="the run" again={run.reload}>
      {(value) => <Result run={value} route={route} ended={run.reload} />}
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

function Result({ run, route, ended }: { run: Run; route: RunRoute; ended: () => void }) {
  const phases = useLoad(`phases ${run.id}`, () => client.phases(run.id));
  const known = phases.now.value;
  const phase = known.status === 'ready' ? phaseToShow(known.value, route.phase) : undefined;
  const summaries = useLoad(`summaries ${run.id} ${known.status} ${phase}`, () =>
    known.status === 'ready' ? client.summaries(run.id, shownOf(phase)) : notYet<SummaryList>(),
  );
  const trials = useLoad(`failed ${run.id}`, () => client.trials(run.id, { state: ['failed'] }));
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
      </div>
      <Warnings run={run} {...(load.status === 'ready' ? { failed: failedStacks(load.value.items) } : {})} />
      <Builds run={run} />
      {load.status === 'ready' && <FailedTrials run={run} trials={load.value.items} />}
      {known.status === 'ready' && known.value.items.length > 0 && (
        <Glance run={run} phase={phase} route={route} matrix={matrix} tell={setLeads} />
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

interface Leads {
  of: Map<string, Lead>; // by phase
  pairs: Map<string, Map<string, Compared>>; // by the best of a phase: each rival against it
}

const kNoLeads: Leads = { of: new Map(), pairs: new Map() };
const kMostPairs = 24;

// Stacks × phases first: who leads where, and what may not be ranked.
function Glance(props: {
  run: Run;
  phase: string | undefined;
  route: RunRoute;
  matrix: Matrix | undefined;
  tell: (leads: Leads) => void;
}) {
  const { run, matrix, route, tell } = props;
  const wanted = matrix === undefined || !hasEnded(run.state) ? [] : pairsOf(matrix, kMostPairs);
  const pairs = useLoad(`pairs ${run.id} ${wanted.map((pair) => `${pair.best} ${pair.rival}`).join()}`, () =>
    comparedPairs(run.id, wanted),
  );
  const answers = pairs.now.value;
  const leads = useMemo(
    () => (matrix && answers.status === 'ready' ? leadsOf(matrix, answers.value) : kNoLeads),
    [matrix, answers],
  );
  useEffect(() => tell(leads), [leads]);
  if (matrix === undefined || matrix.rows.length === 0) return null;
  const open = (phase: string) => {
    jumpTo = kChart;
    if (phase === props.phase) showPart(kChart);
    else go(urlOf({ ...route, phase }));
  };
  return (
    <section class="card" aria-labelledby="glance">
      <h2 id="glance">Every stack in every phase</h2>
      <p class="soft small">
        Each as a share of the best of its phase: throughput of closed loops, p99 of open loops. A cell opens its chart.
      </p>
      <Found wanted={route.find ?? ''}>
        <MatrixTable
          matrix={matrix}
          leads={leads.of}
          phase={props.phase}
          link={(phase) => runUrl(run.id, phase)}
          open={open}
        />
      </Found>
      <div class="soft small">
        <MatrixKey />
      </div>
    </section>
  );
}

// Each pair over all phases, of trials that were measured in the same blocks.
async function comparedPairs(
  run: string,
  pairs: { best: string; rival: string }[],
): Promise<client.Answer<Map<string, Compared[]>>> {
  const answers = await Promise.all(
    pairs.map(({ best, rival }) =>
      client.compare(run, run, {
        a_case: [best],
        b_case: [rival],
        metric: ['throughput_per_s', 'latency_p99_ns', 'delivery_p99_ns'],
      }),
    ),
  );
  const found = new Map<string, Compared[]>();
  pairs.forEach(({ best, rival }, i) => {
    const answer = answers[i];
    if (answer?.ok) found.set(`${best} ${rival}`, answer.value.items);
  });
  return { ok: true, value: found };
}

function leadsOf(matrix: Matrix, answers: Map<string, Compared[]>): Leads {
  const leads: Leads = { of: new Map(), pairs: new Map() };
  for (const [phase, board] of matrix.boards) {
    const best = bestOf(board)?.case;
    const pairs = new Map<string, Compared>();
    for (const rival of rivalsOf(board)) {
      const one = answers
        .get(`${best} ${rival}`)
        ?.find((each) => each.phase === phase && each.metric === board.headline);
      if (one) pairs.set(rival, one);
    }
    const lead = leadOf(board, pairs);
    if (lead === undefined) continue;
    leads.of.set(phase, lead);
    leads.pairs.set(phase, pairs);
  }
  return leads;
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
  if (load.status !== 'ready' || load.value.items.length === 0) return String(run.blocks);
  const shown = load.value.items.find((each) => each.phase !== undefined)?.phase;
  const board = boardOf(run, load.value, shown);
  return countsOf(board.entries, [board.headline]);
}

// While the run is in progress: how far it is, and after each phase the results so far.
function Going({ run, refresh, ended }: { run: Run; refresh: () => void; ended: () => void }) {
  const following = useMemo(() => follow(run.id), [run.id]);
  useEffect(() => following.stop, [following]);
  const live = following.live.value;
  const newest = live.log.find((event) => event.kind === 'phase' || event.kind === 'trial_done')?.id;
  useEffect(() => {
    if (newest !== undefined) refresh();
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
          <MetricFigure board={board} metric={board.headline} source={source} wide leads={leads} />
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

function phaseOf(board: Board): string {
  return board.phase === undefined ? '' : phaseTitle(board.phase, board.phases);
}

function failedStacks(trials: Trial[]): Set<string> {
  return new Set(trials.filter((t) => t.state === 'failed').map((t) => t.stack));
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

function MetricFigure(props: ChartProps & { metric: MetricName; wide?: boolean; log?: boolean; leads?: Leads }) {
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

function Percentiles(props: ChartProps) {
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

function MemoryAtRest(props: ChartProps) {
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

function MemoryUnderLoad(props: ChartProps) {
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
