// All stacks in order: the newest valid figures of every case, with the places that each may have, ties, and several workloads as one.
import * as client from '../api/client';
import { slotOf } from '../model/board';
import {
  choicesOf,
  chosenIn,
  drawnOf,
  isFiltered,
  kFilterTitles,
  type Leaderboard,
  placeText,
  type Ranked,
  type Ranking,
  rankedExact,
  rankedSpread,
  rankedTitle,
  rankedValue,
  rankingSentence,
  rankingsOf,
  rankingTitle,
  ratioText,
  readingOf,
  restsText,
  toggled,
} from '../model/leaderboard';
import { poolSentence } from '../model/pool';
import {
  caseUrl,
  homeUrl,
  kLeaderboardFilters,
  type LeaderboardFilter,
  type LeaderboardRoute,
  leaderboardUrl,
  runUrl,
  urlOf,
} from '../model/route';
import { shortId } from '../model/run';
import { wholeOf } from '../model/selection';
import { spreadOf } from '../model/summary';
import { phaseTitle, withoutBrackets, words } from '../model/titles';
import { exact, stamp } from '../model/units';
import type { Loader } from '../state/load';
import { go } from '../state/location';
import { Marks, Standings } from './charts/standings';
import { Figure } from './parts/figure';
import { Later } from './parts/later';
import { Found, Search, useFound } from './parts/long_list';
import { Crumbs } from './parts/run_head';
import { Empty, Loaded } from './parts/states';
import { type Column, Table } from './parts/table';
import { useKept, useLoad } from './use_load';

interface Props {
  route: LeaderboardRoute;
}

export function LeaderboardPage({ route }: Props) {
  const whole = wholeOf(route);
  const filtered = isFiltered(route) ? { ...whole, ...filtersOf(route) } : undefined;
  const all = useLoad(`leaderboard ${JSON.stringify(whole)}`, () => client.leaderboard(whole));
  const part = useLoad(`leaderboard part ${JSON.stringify(filtered)}`, () =>
    filtered === undefined ? kNothing : client.leaderboard(filtered),
  );
  const shown: Loader<Leaderboard | undefined> = filtered === undefined ? all : part;
  const load = useKept(shown.now.value);
  const source = client.urls.leaderboard(filtered ?? whole);
  return (
    <>
      <div class="head">
        <Crumbs here="Leaderboard" />
        <h1>Leaderboard</h1>
      </div>
      <Loaded load={all.now.value} what="the leaderboard" again={all.reload}>
        {(everything) => (
          <>
            <Choices route={route} all={everything} />
            <Loaded load={load} what="what was chosen" again={shown.reload}>
              {(value) => value && <Boards route={route} all={value} source={source} />}
            </Loaded>
          </>
        )}
      </Loaded>
    </>
  );
}

const kNothing = Promise.resolve<client.Answer<Leaderboard | undefined>>({ ok: true, value: undefined });

function filtersOf(route: LeaderboardRoute): client.Selection {
  return Object.fromEntries(kLeaderboardFilters.map((filter) => [filter, chosenIn(route, filter)]));
}

function Choices({ route, all }: Props & { all: Leaderboard }) {
  const metrics = useLoad('metrics', client.metrics);
  const profiles = useLoad('profiles', client.profiles);
  const offered = metrics.now.value;
  const known = profiles.now.value;
  const judged = offered.status === 'ready' ? offered.value.items.filter((one) => one.better !== 'neither') : [];
  const names = known.status === 'ready' ? known.value.items.map((one) => one.name) : [];
  const others = [all.profile, route.profile ?? all.profile].filter((name) => !names.includes(name));
  const again = { board: '', find: '' }; // what another metric or profile may not have
  return (
    <section class="card" aria-label="What is shown">
      <div class="line">
        <label class="field">
          <b>Figure</b>
          <select
            value={route.metric ?? ''}
            onChange={(e) => go(urlOf({ ...route, ...again, metric: e.currentTarget.value }))}
          >
            <option value="">Headline of each phase</option>
            {route.metric && !judged.some((one) => one.name === route.metric) && (
              <option value={route.metric}>{words(route.metric)}</option>
            )}
            {judged.map((one) => (
              <option key={one.name} value={one.name}>
                {one.title}
              </option>
            ))}
          </select>
        </label>
        {route.run === undefined && (
          <label class="field">
            <b>Profile</b>
            <select
              value={route.profile ?? ''}
              onChange={(e) => go(urlOf({ ...route, ...again, profile: e.currentTarget.value }))}
            >
              <option value="">That of the newest run</option>
              {[...names, ...new Set(others)].map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <div class="line filters">
        {kLeaderboardFilters.map((filter) => (
          <Filter key={filter} filter={filter} route={route} all={all} />
        ))}
        {isFiltered(route) && (
          <a class="button" href={urlOf(withoutFilters(route))}>
            All stacks
          </a>
        )}
      </div>
      <p class="soft small">{basisOf(route, all)}</p>
    </section>
  );
}

function withoutFilters(route: LeaderboardRoute): LeaderboardRoute {
  return { ...route, ...Object.fromEntries(kLeaderboardFilters.map((filter) => [filter, ''])) };
}

function basisOf(route: LeaderboardRoute, all: Leaderboard): string {
  const of =
    route.run === undefined
      ? `The newest valid figures of every stack under profile ${all.profile}, up to ${stamp(all.at)}, in one environment.`
      : `What the run of ${stamp(all.at)} measured under profile ${all.profile}.`;
  return all.pool === undefined ? of : `${of} ${poolSentence(all.pool)}`;
}

// Opened it lists what there is; closed it says what was chosen.
function Filter({ filter, route, all }: Props & { filter: LeaderboardFilter; all: Leaderboard }) {
  const chosen = chosenIn(route, filter);
  const known = choicesOf(all, filter);
  const gone = chosen.filter((value) => !known.some((choice) => choice.value === value));
  const choices = [...known, ...gone.map((value) => ({ value, title: words(value) }))];
  const said = choices.filter((choice) => chosen.includes(choice.value)).map((choice) => choice.title);
  if (choices.length < 2 && chosen.length === 0) return null;
  return (
    <details class="filter">
      <summary>
        {kFilterTitles[filter]}: {said.length === 0 ? 'all' : said.join(', ')}
      </summary>
      <fieldset>
        <legend class="unseen">{kFilterTitles[filter]}</legend>
        {choices.map(({ value, title }) => (
          <label class="check" key={value}>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={() => go(urlOf(toggled(route, filter, value)))}
            />
            {title}
          </label>
        ))}
      </fieldset>
    </details>
  );
}

function Boards({ route, all, source }: Props & { all: Leaderboard; source: string }) {
  const boards = rankingsOf(all);
  const shown = boards.find(({ key }) => key === route.board) ?? boards[0];
  if (shown === undefined) {
    return (
      <Empty title="No stack has this figure with these filters.">
        <a href={isFiltered(route) ? urlOf(withoutFilters(route)) : leaderboardUrl}>All stacks</a>
        {' · '}
        <a href={homeUrl}>All runs</a>
      </Empty>
    );
  }
  return (
    <>
      {boards.length > 1 && (
        <nav class="tabs" aria-label="Workloads">
          {boards.map(({ key, ranking }) => (
            <a key={key} href={urlOf({ ...route, board: key })} aria-current={key === shown.key ? 'true' : undefined}>
              {rankingTitle(ranking, all)}
            </a>
          ))}
        </nav>
      )}
      <Search
        of={shown.ranking.rows.map((row) => ({ name: row.case, title: rankedTitle(row) }))}
        what="a stack"
        wanted={route.find ?? ''}
        set={(find) => go(urlOf({ ...route, find }), 'replace')}
      />
      <Found wanted={route.find ?? ''}>
        <Later wide>
          <Board key={shown.key} ranking={shown.ranking} all={all} source={source} />
        </Later>
      </Found>
    </>
  );
}

function Board({ ranking, all, source }: { ranking: Ranking; all: Leaderboard; source: string }) {
  const title = `${withoutBrackets(ranking.title)}, ${inTitle(rankingTitle(ranking, all), ranking)}`;
  const phase = ranking.phase ?? ranking.phases?.[0];
  return (
    <Figure
      wide
      title={title}
      sentence={sentenceOf(ranking)}
      reading={`${readingOf(ranking)} Stacks in one bracket are not told apart; a range of places says so, too.`}
      source={source}
      table={<StandingsTable ranking={ranking} caption={title} />}
    >
      <Standings ranking={ranking} slot={(row) => slotOf(row.case)} link={(row) => caseUrl(row.run, row.case, phase)} />
    </Figure>
  );
}

function inTitle(title: string, ranking: Ranking): string {
  return ranking.phases === undefined && ranking.phase !== undefined
    ? title
    : title.charAt(0).toLowerCase() + title.slice(1);
}

function sentenceOf(ranking: Ranking): string {
  const said = rankingSentence(ranking);
  if (ranking.phases === undefined) return said;
  const phases = ranking.phases;
  return `${said} Geometric mean of ${phases.map((name) => phaseTitle(name, phases)).join('; ')}; a stack that lacks one of them is not in it.`;
}

function StandingsTable({ ranking, caption }: { ranking: Ranking; caption: string }) {
  const several = ranking.phases !== undefined;
  const columns: Column<Ranked>[] = [
    {
      key: 'place',
      title: 'Place',
      number: true,
      cell: (row) => ({
        text: placeText(row),
        small: row.group === undefined ? undefined : `group ${row.group}`,
        ...(row.rank === undefined ? {} : { sort: row.rank[0] * 1e4 + row.rank[1] }),
      }),
    },
    {
      key: 'case',
      title: 'Stack',
      head: true,
      cell: (row) => ({ text: rankedTitle(row), small: row.stack, sort: row.case }),
    },
    { key: 'language', title: 'Language', cell: (row) => ({ text: row.language, sort: row.language }) },
    { key: 'class', title: 'Class', cell: (row) => ({ text: words(row.class), sort: row.class }) },
    {
      key: 'value',
      title: several ? 'Of the first' : withoutBrackets(ranking.title),
      number: true,
      cell: (row) => valueCell(ranking, row),
    },
    ...(several
      ? []
      : [
          {
            key: 'ratio',
            title: 'Of the first (95 %)',
            number: true,
            cell: (row: Ranked) =>
              row.ratio === undefined
                ? { text: '–' }
                : { text: ratioText(row) || '100\u00a0%', title: exact('1', row.ratio), sort: row.ratio },
          },
        ]),
    {
      key: 'n',
      title: several ? 'Blocks' : 'Trials',
      number: true,
      cell: (row) => ({ text: restsText(ranking, row), sort: row.n }),
    },
    {
      key: 'note',
      title: 'Note',
      cell: (row) => ({ text: <Marks ranking={ranking} row={row} />, sort: row.why ?? row.validity ?? '' }),
    },
    {
      key: 'run',
      title: 'Newest run',
      cell: (row) => ({ text: <a href={runUrl(row.run)}>{shortId(row.run)}</a>, small: stamp(row.at), sort: row.at }),
    },
  ];
  return (
    <Table
      cards
      caption={`${caption}: best first, what has no place last.`}
      columns={columns}
      rows={useFound(ranking.rows, (row) => ({ name: row.case, title: rankedTitle(row) }))}
      rowKey={(row) => row.case}
    />
  );
}

function valueCell(ranking: Ranking, row: Ranked) {
  const drawn = drawnOf(ranking, row);
  if (drawn === undefined || row.n === 0) return { text: '–', title: 'not measured' };
  const kind = spreadOf(drawn)?.kind === 'ci95' ? '95 % interval' : 'min–max';
  const spread = rankedSpread(ranking, row);
  return {
    text: rankedValue(ranking, row),
    title: rankedExact(ranking, row),
    ...(spread === '' ? {} : { small: `${spread}, ${kind}` }),
    out: row.validity === 'invalid',
    sort: drawn.value,
  };
}
