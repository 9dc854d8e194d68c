// Two runs set against each other: the verdict in words first, then the effects with their intervals, one cell closely, and what was another.
import { useState } from 'preact/hooks';
import * as client from '../api/client';
import {
  arranged,
  type Cell,
  type Compared,
  type Comparison,
  cellsOf,
  cellTitle,
  changeText,
  comparedCase,
  detectableText,
  differencesSentence,
  differenceTitle,
  intervalText,
  intervalTitle,
  kVerdicts,
  lookSentence,
  markdownOf,
  type Named,
  placeTitle,
  sideTitle,
  sideValue,
  verdictOf,
  verdictSentences,
  verdictText,
} from '../model/compare';
import { type CompareRoute, runUrl, urlOf } from '../model/route';
import { hasResults, type Run } from '../model/run';
import { comparedOf, kAfter, kBefore } from '../model/selection';
import { unitOf } from '../model/summary';
import { withoutBrackets } from '../model/titles';
import { exact, stamp } from '../model/units';
import { go } from '../state/location';
import { Forest } from './charts/forest';
import { lazily } from './lazily';
import { Figure } from './parts/figure';
import { Later } from './parts/later';
import { matches, Search } from './parts/long_list';
import { Crumbs, runTitle } from './parts/run_head';
import { Empty, Loaded } from './parts/states';
import { Table } from './parts/table';
import { WhenSeen } from './parts/when_seen';
import { useLoad } from './use_load';

const Closer = lazily(async () => (await import('./compare_plots')).Closer);

export function ComparePage({ route }: { route: CompareRoute }) {
  const { a, b, wanted } = comparedOf(route);
  const both = useLoad(`compare ${a} ${b} ${wanted.a_case} ${wanted.b_case} ${route.figures}`, () =>
    client.compare(a, b, wanted),
  );
  const runs = useLoad('runs to compare', client.recentRuns);
  const known = runs.now.value.status === 'ready' ? runs.now.value.value.items.filter((r) => hasResults(r.state)) : [];
  return (
    <>
      <div class="head">
        <Crumbs here="Compare" />
        <h1>{wanted.a_case ? 'Before against after' : 'Compare two runs'}</h1>
      </div>
      <Sides route={route} a={a} b={b} runs={known} />
      <Loaded load={both.now.value} what="the comparison" again={both.reload}>
        {(all) => (
          <Result all={all} route={route} named={namesIn(known, all)} source={client.urls.compare(a, b, wanted)} />
        )}
      </Loaded>
    </>
  );
}

// What each side is: a reference, or one of the last runs.
function Sides({ route, a, b, runs }: { route: CompareRoute; a: string; b: string; runs: Run[] }) {
  const set = (key: 'a' | 'b', value: string) => go(urlOf(cleared({ ...route, [key]: value })));
  return (
    <section class="card" aria-label="Sides">
      <div class="two">
        <Side name="Before" now={a} runs={runs} set={(value) => set('a', value)} references={kBeforeReferences} />
        <Side name="After" now={b} runs={runs} set={(value) => set('b', value)} references={kAfterReferences} />
      </div>
    </section>
  );
}

// Another pair of runs may not have the cell that was looked at, nor the cases.
function cleared({ case: _, phase: __, a_case: ___, b_case: ____, ...route }: CompareRoute): CompareRoute {
  return route;
}

const kBeforeReferences: [string, string][] = [
  [kBefore, 'the run before the newest'],
  ['median:30', 'the median of the last 30 runs before it'],
];
const kAfterReferences: [string, string][] = [[kAfter, 'the newest run']];

function Side(props: {
  name: string;
  now: string;
  runs: Run[];
  set: (value: string) => void;
  references: [string, string][];
}) {
  const offered = [
    ...props.references,
    ...props.runs.map((run): [string, string] => [run.id, `${stamp(run.created_at)}: ${runTitle(run)}`]),
  ];
  if (!offered.some(([value]) => value === props.now)) offered.unshift([props.now, props.now]);
  return (
    <label class="field">
      <b>{props.name}</b>
      <select value={props.now} onChange={(e) => props.set(e.currentTarget.value)}>
        {offered.map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function namesIn(runs: Run[], all: Comparison): Named {
  const compared = runs.filter((run) => all.b.runs.includes(run.id) || all.a.runs.includes(run.id));
  return { stacks: compared.flatMap((run) => run.stacks) };
}

interface ResultProps {
  all: Comparison;
  named: Named;
  route: CompareRoute;
  source: string;
}

function Result({ all, route, named, source }: ResultProps) {
  const phases = [...new Set(all.items.flatMap((one) => one.phase ?? []))];
  const rows = arranged(all.items.filter((one) => isWanted(one, route, phases, named)));
  const cells = cellsOf(arranged(all.items));
  const cell = cells.find((each) => each.case === route.case && each.phase === route.phase) ?? cells[0];
  const [lead, ...more] = verdictSentences(all, named);
  return (
    <>
      <section class="card verdict" aria-labelledby="verdict">
        <h2 id="verdict">{lead}</h2>
        {more.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        <p class="soft small">
          Before: <RunLink all={all} side="a" named={named} />. After: <RunLink all={all} side="b" named={named} />.
          Profile {all.b.profile}.{all.look && ` ${lookSentence(all)}`}
        </p>
        <CopyButton text={() => markdownOf(all, rows, { server: location.origin, page: location.href }, named)} />
      </section>
      <Filters named={named} all={all} route={route} phases={phases} />
      {rows.length === 0 ? (
        <Empty title="No figure matches." />
      ) : (
        <Later>
          <Effects
            named={named}
            rows={rows}
            route={route}
            phases={phases}
            source={source}
            isPair={all.b.case !== undefined}
          />
        </Later>
      )}
      <Differences all={all} />
      {cell && (
        <section id="closely" class="stackup" aria-label="Closely">
          <CellChoice all={all} named={named} cells={cells} now={cell} phases={phases} route={route} />
          <WhenSeen>
            {() => <Closer named={named} key={`${cell.case} ${cell.phase}`} all={all} cell={cell} phases={phases} />}
          </WhenSeen>
        </section>
      )}
    </>
  );
}

function RunLink({ all, side, named }: { all: Comparison; side: 'a' | 'b'; named: Named }) {
  const { runs } = all[side];
  const title = sideTitle(all[side], named);
  return runs.length === 1 ? <a href={runUrl(runs[0] as string)}>{title}</a> : <span>{title}</span>;
}

function isWanted(one: Compared, route: CompareRoute, phases: string[], named: Named): boolean {
  if (route.show !== undefined && verdictOf(one) !== route.show) return false;
  if (route.find === undefined) return true;
  return matches(route.find, { name: one.case, title: nameOf(one, phases, named) });
}

function nameOf(one: Compared, phases: string[], named: Named): string {
  return `${comparedCase(one, named)} ${placeTitle(one, phases)} ${withoutBrackets(one.title)}`;
}

interface Shown {
  route: CompareRoute;
  phases: string[];
  named: Named;
}

function Filters({ all, route, phases, named }: Shown & { all: Comparison }) {
  const { show: _, ...every } = route;
  const counts = new Map<string, number>();
  for (const one of all.items) counts.set(verdictOf(one), (counts.get(verdictOf(one)) ?? 0) + 1);
  return (
    <div class="line">
      <nav class="tabs" aria-label="Verdicts">
        <a href={urlOf(every)} aria-current={route.show === undefined ? 'true' : undefined}>
          All {all.items.length}
        </a>
        {kVerdicts.map(({ verdict, title }) => (
          <a
            key={verdict}
            href={urlOf({ ...route, show: verdict })}
            aria-current={route.show === verdict ? 'true' : undefined}
          >
            {title} {counts.get(verdict) ?? 0}
          </a>
        ))}
      </nav>
      <label class="check">
        <input
          type="checkbox"
          checked={route.figures === 'all'}
          onChange={(e) => go(urlOf({ ...route, figures: e.currentTarget.checked ? 'all' : '' }))}
        />
        Every figure
      </label>
      <Search
        of={all.items.map((one) => ({ name: one.case, title: nameOf(one, phases, named) }))}
        what="a figure"
        wanted={route.find ?? ''}
        set={(find) => go(urlOf({ ...route, find }), 'replace')}
      />
    </div>
  );
}

// `isPair`: one case against another, which are named with the sides.
function Effects(props: Shown & { rows: Compared[]; source: string; isPair: boolean }) {
  const { rows, route, phases, named, source, isPair } = props;
  const link = (one: Compared) =>
    one.phase === undefined ? {} : { href: urlOf({ ...route, case: one.case, phase: one.phase }) };
  return (
    <Figure
      wide
      title="Change from before to after"
      sentence="Right of the middle: more than before. Whether more is better depends on the figure; the mark says it."
      reading={
        <ul class="key">
          {kVerdicts.map(({ verdict, title, sign }) => (
            <li key={verdict}>
              <span aria-hidden="true">{sign}</span> {title.toLowerCase()}
            </li>
          ))}
          <li>Line: {intervalTitle(rows)}. Grey band: a difference that is none in practice.</li>
        </ul>
      }
      source={source}
      table={<EffectTable named={named} rows={rows} phases={phases} />}
    >
      <Forest
        rows={rows.map((one) => ({
          one,
          title: isPair ? placeTitle(one, phases) : comparedCase(one, named),
          what: `${isPair ? '' : `${placeTitle(one, phases)} · `}${withoutBrackets(one.title)}`,
          ...link(one),
        }))}
      />
    </Figure>
  );
}

function EffectTable({ rows, phases, named }: Omit<Shown, 'route'> & { rows: Compared[] }) {
  return (
    <Table
      caption={`Every effect: both sides, the change with its ${intervalTitle(rows)}, the least difference that can be decided, and the verdict.`}
      rows={rows}
      rowKey={(one) => `${one.case} ${one.phase} ${one.metric}`}
      columns={[
        {
          key: 'case',
          title: 'Stack',
          head: true,
          cell: (one) => ({ text: comparedCase(one, named), small: one.case, sort: one.case }),
        },
        { key: 'phase', title: 'Phase', cell: (one) => ({ text: placeTitle(one, phases), sort: one.phase ?? '' }) },
        { key: 'metric', title: 'Figure', cell: (one) => ({ text: one.title, sort: one.title }) },
        { key: 'a', title: 'Before', number: true, cell: (one) => sideCell(one, 'a') },
        { key: 'b', title: 'After', number: true, cell: (one) => sideCell(one, 'b') },
        {
          key: 'ratio',
          title: 'Change',
          number: true,
          cell: (one) =>
            one.ratio === undefined
              ? { text: '–' }
              : {
                  text: changeText(one.ratio),
                  title: exact('1', one.ratio),
                  small: intervalText(one),
                  sort: one.ratio,
                },
        },
        {
          key: 'needs',
          title: 'Needs',
          number: true,
          cell: (one) => ({
            text: detectableText(one),
            ...(one.mde_percent === undefined ? {} : { sort: one.mde_percent }),
          }),
        },
        { key: 'verdict', title: 'Verdict', cell: (one) => ({ text: verdictText(one), sort: verdictText(one) }) },
      ]}
    />
  );
}

function sideCell(one: Compared, side: 'a' | 'b') {
  const figure = one[side];
  return {
    text: sideValue(one, figure),
    title: exact(unitOf(one), figure.value),
    small: `n = ${figure.n}`,
    out: figure.validity === 'invalid',
    sort: figure.value,
  };
}

function CellChoice(props: Shown & { all: Comparison; cells: Cell[]; now: Cell }) {
  const { all, cells, now, phases, named, route } = props;
  const name = (cell: Cell) => cellTitle(all, cell, phases, named);
  return (
    <label class="field">
      <b>Look closely at</b>
      <select
        value={cells.indexOf(now)}
        onChange={(e) => go(urlOf({ ...route, ...(cells[Number(e.currentTarget.value)] as Cell) }))}
      >
        {cells.map((cell, i) => (
          <option key={name(cell)} value={i}>
            {name(cell)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Differences({ all }: { all: Comparison }) {
  return (
    <section class="card" aria-labelledby="differences">
      <h2 id="differences">What was different around them</h2>
      {all.differences.length === 0 ? (
        <p>{differencesSentence(all)}</p>
      ) : (
        <Table
          caption={
            all.same_environment
              ? `The environment key is the same, so ${isOneRun(all) ? 'both' : 'the runs'} can be compared.`
              : 'The environment key differs: nothing can be decided.'
          }
          rows={all.differences}
          rowKey={(one) => `${one.stack} ${one.what}`}
          columns={[
            {
              key: 'what',
              title: 'What',
              head: true,
              cell: (one) => ({ text: differenceTitle(one), sort: differenceTitle(one) }),
            },
            { key: 'a', title: 'Before', cell: (one) => valueCell(one.a) },
            { key: 'b', title: 'After', cell: (one) => valueCell(one.b) },
            {
              key: 'key',
              title: 'Part of the key',
              cell: (one) => ({ text: one.in_key ? 'yes' : 'no', sort: String(one.in_key) }),
            },
          ]}
        />
      )}
    </section>
  );
}

// Of a digest its beginning, which tells two apart.
function valueCell(value = '–') {
  const digest = /^sha256:[0-9a-f]{12}(?=[0-9a-f]{52}$)/.exec(value)?.[0];
  return digest === undefined ? { text: value, sort: value } : { text: `${digest}…`, title: value, sort: value };
}

function isOneRun({ a, b }: Comparison): boolean {
  return a.runs.length === 1 && a.runs.join() === b.runs.join();
}

function CopyButton({ text }: { text: () => string }) {
  const [copied, setCopied] = useState<string | undefined>(undefined);
  const [failed, setFailed] = useState(false);
  const copy = async () => {
    const now = text();
    try {
      await navigator.clipboard.writeText(now);
      setFailed(false);
    } catch {
      setFailed(true);
    }
    setCopied(now);
  };
  return (
    <>
      <div class="line">
        <button type="button" onClick={copy}>
          Copy as Markdown
        </button>
        <span class="soft small" role="status">
          {copied !== undefined && !failed && 'Copied.'}
          {failed && 'The browser allows no copying; here it is:'}
        </span>
      </div>
      {failed && <pre tabIndex={0}>{copied}</pre>}
    </>
  );
}
