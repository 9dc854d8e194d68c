// The first page: a form that starts a run, the last night and what is scheduled, the latest result, and all runs.
import { useState } from 'preact/hooks';
import * as client from '../api/client';
import type { Catalog } from '../model/catalog';
import {
  caseUrl,
  compareUrl,
  leaderboardUrl,
  listed,
  liveUrl,
  type Route,
  runUrl,
  schedulesUrl,
  urlOf,
} from '../model/route';
import {
  blocksTitle,
  hasEnded,
  hasResults,
  lasted,
  type Run,
  strongest,
  tellsFailures,
  trialsTitle,
} from '../model/run';
import { changeWords, verdictWords, winnerWords } from '../model/run_row';
import type { Schedule } from '../model/schedule';
import { headlineOf } from '../model/selection';
import { headlineSentence, whiskerWords } from '../model/sentences';
import { phaseTitle, starterTitle } from '../model/titles';
import { localStamp, relative, spell, stamp } from '../model/units';
import type { Load } from '../state/load';
import { go } from '../state/location';
import { Bars } from './charts/bars';
import { Figure } from './parts/figure';
import { LastNight } from './parts/last_night';
import { MetricTable } from './parts/metric_table';
import { Queue } from './parts/queue';
import { RunTags, runTitle } from './parts/run_head';
import { StartForm } from './parts/start_form';
import { Empty, Failed, Loaded, StateTag } from './parts/states';
import { useHeadline } from './use_headline';
import { useLoad } from './use_load';

const kRefreshMs = 5000;

type HomeRoute = Extract<Route, { view: 'home' }>;

export function Home({ route }: { route: HomeRoute }) {
  const runs = useLoad('runs', () => client.runs(), { everyMs: kRefreshMs });
  const schedules = useLoad('schedules', client.schedules);
  const planned = schedules.now.value;
  const now = runs.now.value;
  const all = now.status === 'ready' ? now.value.items : [];
  const lead = strongest(all);
  const newer = all.filter((run) => hasResults(run.state) && lead !== undefined && run.created_at > lead.created_at);
  return (
    <>
      <div class="head">
        <h1>Results on this machine</h1>
        <p class="soft">
          Backend stacks in containers, measured under the same load. Every number comes with its spread.{' '}
          <a href={leaderboardUrl}>All stacks in order</a>
        </p>
      </div>
      <section class="card" aria-labelledby="start">
        <h2 id="start">Start a run</h2>
        <Start />
      </section>
      <Queue changed={runs.reload} />
      <div class="two">
        {planned.status === 'ready' && planned.value.items.length > 0 && <LastNight schedules={planned.value.items} />}
        <NextFires load={planned} again={schedules.reload} />
      </div>
      {lead && <Lead key={lead.id} run={lead} newer={newer} />}
      <section class="card" aria-labelledby="runs">
        <h2 id="runs">Runs</h2>
        <Loaded load={now} what="runs" again={runs.reload}>
          {(list) => <RunList first={list.items} next={list.next} route={route} />}
        </Loaded>
      </section>
    </>
  );
}

function Lead({ run, newer }: { run: Run; newer: Run[] }) {
  const known = useHeadline(run, { isAwaited: false }); // below the first view
  if (known === undefined) return null;
  if (known === 'loading') return <div class="card later loading" />;
  const { board, wanted } = known;
  const title = board.entries[0]?.of.get(board.headline)?.title ?? board.headline;
  const phase = phaseTitle(board.phase ?? '', board.phases);
  return (
    <Figure
      title={`${newer.length > 0 ? 'Strongest' : 'Latest'} result: ${title.toLowerCase()}, ${phase}`}
      sentence={headlineSentence(run, board)}
      reading={whiskerWords(board.entries, board.headline)}
      source={client.urls.summaries(run.id, headlineOf(wanted))}
      table={
        <MetricTable
          caption={`${title}, ${phase}`}
          entries={board.entries}
          metrics={[{ metric: board.headline, title }]}
        />
      }
    >
      <RunTags run={run} />
      <Bars entries={board.entries} metric={board.headline} link={(e) => caseUrl(run.id, e.case, board.phase)} />
      <p>
        <a href={runUrl(run.id)}>Full comparison from {stamp(run.created_at)}</a>
      </p>
      {newer.length > 0 && <Newer runs={newer} />}
    </Figure>
  );
}

// What came after the result that leads, and why it does not.
function Newer({ runs }: { runs: Run[] }) {
  const kShown = 3;
  return (
    <p class="soft small">
      Newer, with fewer trials or with failures:{' '}
      {runs.slice(0, kShown).map((run, i) => (
        <span key={run.id}>
          {i > 0 && '; '}
          <a href={runUrl(run.id)}>{runTitle(run)}</a> ({trialsTitle(run)}
          {tellsFailures(run) && ', some failed'}, {stamp(run.created_at)})
        </span>
      ))}
      {runs.length > kShown && `; and ${runs.length - kShown} more`}.
    </p>
  );
}

function RunList({ first, next, route }: { first: Run[]; next: string | undefined; route: HomeRoute }) {
  const [older, setOlder] = useState<Run[]>([]);
  const [cursor, setCursor] = useState<string | undefined>(undefined);
  const [ended, setEnded] = useState(false);
  if (first.length === 0) return <Empty title="No runs yet.">Start one. The first result takes a few minutes.</Empty>;
  const more = ended ? undefined : (cursor ?? next);
  const loadMore = async () => {
    const answer = await client.runs(more);
    if (!answer.ok) return;
    const known = new Set([...first, ...older].map((r) => r.id));
    setOlder([...older, ...answer.value.items.filter((r) => !known.has(r.id))]);
    setCursor(answer.value.next);
    setEnded(answer.value.next === undefined);
  };
  const all = [...first, ...older];
  const picked = picksOf(route);
  return (
    <>
      <Picked runs={all.filter((run) => picked.includes(run.id))} count={picked.length} />
      <ul class="list">
        {all.map((run) => (
          <RunRow key={run.id} run={run} picked={picked.includes(run.id)} pick={() => pick(route, run.id)} />
        ))}
      </ul>
      {more !== undefined && (
        <div class="line">
          <button type="button" onClick={loadMore}>
            Older runs
          </button>
        </div>
      )}
    </>
  );
}

// The runs that were chosen to be compared. A third one takes the place of the first.
function picksOf(route: HomeRoute): string[] {
  return listed(route.pick);
}

function pick(route: HomeRoute, id: string): void {
  const picks = picksOf(route);
  const next = picks.includes(id) ? picks.filter((each) => each !== id) : [...picks, id].slice(-2);
  go(urlOf({ ...route, pick: next.join(',') }), 'replace');
}

function Picked({ runs, count }: { runs: Run[]; count: number }) {
  const [before, after] = [...runs].sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
  return (
    <p class="soft small" role="status">
      {before !== undefined && after !== undefined ? (
        <a class="button" href={compareUrl(before.id, after.id)}>
          Compare the run of {stamp(before.created_at)} with that of {stamp(after.created_at)}
        </a>
      ) : count === 1 ? (
        'One run is chosen. Choose another to compare them.'
      ) : (
        'Choose two runs to compare them.'
      )}
    </p>
  );
}

function RunRow({ run, picked, pick }: { run: Run; picked: boolean; pick: () => void }) {
  const going = !hasEnded(run.state);
  const seconds = lasted(run, Date.now());
  return (
    <li class="entry">
      <div class="line">
        {hasResults(run.state) && (
          <label class="check">
            <input type="checkbox" checked={picked} onChange={pick} />
            <span class="unseen">
              Compare {runTitle(run)}, {stamp(run.created_at)}
            </span>
          </label>
        )}
        <a href={going ? liveUrl(run.id) : runUrl(run.id)}>
          <b>{runTitle(run)}</b>
        </a>
        <StateTag state={run.state} />
        <span class="push soft small">
          <time dateTime={run.created_at} title={run.created_at}>
            {stamp(run.created_at)}
          </time>
        </span>
      </div>
      <div class="soft small">
        {stacksText(run)}
        {run.schedule !== undefined && ` · ${starterTitle(run.trigger, run.schedule)}`}
        {seconds !== undefined && ` · ${going ? 'running for ' : ''}${spell(seconds)}`}
        {run.reason !== undefined &&
          ` · ${hasResults(run.state) && tellsFailures(run) ? 'some trials failed' : run.reason}`}
        {going && run.compare && ` · ${blocksTitle(run)} blocks`}
      </div>
      {run.winner && run.winner.cases > 1 && <div class="small">{winnerWords(run, run.winner)}</div>}
      {(run.change || run.verdicts || run.note) && (
        <div class="soft small">
          {run.change && (
            <>
              <a href={compareUrl(run.change.before, run.id)}>{changeWords(run.change)}</a>
              {run.verdicts && ' · '}
            </>
          )}
          {run.verdicts && verdictWords(run.verdicts)}
          {run.note && `${run.change || run.verdicts ? ' · ' : ''}${run.note}`}
        </div>
      )}
      {run.excluded !== undefined && <div class="small">Left out: {run.excluded}</div>}
      {going && run.progress && (
        <div class="progress" aria-hidden="true">
          <i style={{ width: `${run.progress.done_ratio * 100}%` }} />
        </div>
      )}
    </li>
  );
}

// The first few by name: a run may have hundreds.
function stacksText(run: Run): string {
  const kNamed = 8;
  const names = run.stacks.map((s) => s.title ?? s.name);
  if (names.length <= kNamed + 1) return names.join(', ');
  return `${names.slice(0, kNamed).join(', ')} and ${names.length - kNamed} more`;
}

function Start() {
  const stacks = useLoad('stacks', client.stacks);
  const profiles = useLoad('profiles', client.profiles);
  return (
    <Loaded load={stacks.now.value} what="stacks" again={stacks.reload}>
      {(stackList) => (
        <Loaded load={profiles.now.value} what="profiles" again={profiles.reload}>
          {(profileList) => <StartForm stacks={stackList} profiles={profileList} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function NextFires({ load, again }: { load: Load<Catalog<Schedule>>; again: () => unknown }) {
  if (load.status === 'loading') return null;
  return (
    <section class="card" aria-labelledby="next">
      <h2 id="next">
        <a href={schedulesUrl}>Next scheduled runs</a>
      </h2>
      {load.status === 'failed' ? (
        <Failed problem={load.problem} again={again} />
      ) : load.value.items.length === 0 ? (
        <Empty title="Nothing is scheduled." />
      ) : (
        <ul class="list">
          {load.value.items.map((schedule) => (
            <li key={schedule.name}>
              <b>{schedule.name}</b>
              <div class="soft small">
                {schedule.next && schedule.enabled ? (
                  <>
                    {localStamp(schedule.next.local)}
                    <br />
                    {relative(schedule.next.at, Date.now())}
                    {schedule.next.note !== undefined && ` · ${schedule.next.note}`}
                  </>
                ) : (
                  'paused'
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
