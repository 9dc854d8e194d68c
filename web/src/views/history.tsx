// A figure from run to run: of several stacks, with the interval of each run, where the line may not be read across, and what happened.
import { useMemo, useState } from 'preact/hooks';
import * as client from '../api/client';
import { slotOf } from '../model/board';
import { type Compared, type Comparison, comparedCase, type Named } from '../model/compare';
import {
  type Course,
  courseOf,
  type Happening,
  happeningsOf,
  isoOf,
  type Line,
  lastSentence,
  type Metric,
  pointSpread,
  pointText,
  type Series,
} from '../model/history';
import { homeUrl, type Route, runUrl, urlOf } from '../model/route';
import { kUsualMetric } from '../model/selection';
import { unitOf } from '../model/summary';
import { phaseTitle, withoutBrackets } from '../model/titles';
import { exact, stamp, withUnit } from '../model/units';
import { go } from '../state/location';
import { type Line as Drawn, LineKey, Plot } from './charts/plot';
import { Figure } from './parts/figure';
import { matches, Search, usePart } from './parts/long_list';
import { Crumbs } from './parts/run_head';
import { Empty, Loaded } from './parts/states';
import { Table } from './parts/table';
import { useLoad } from './use_load';

type HistoryRoute = Extract<Route, { view: 'history' }>;

const kMostLines = 6;
const kPoints = 2000; // of each line; the daemon thins them out
const kMostDots = 150;

export function HistoryPage({ route }: { route: HistoryRoute }) {
  const metric = route.metric ?? kUsualMetric;
  const all = useLoad(`series ${metric}`, () => client.series(metric));
  const metrics = useLoad('metrics', client.metrics);
  const names = useLoad('stacks', client.stacks);
  const known = names.now.value;
  const named: Named = { stacks: known.status === 'ready' ? known.value.items : [] };
  const offered = metrics.now.value;
  return (
    <>
      <div class="head">
        <Crumbs here="History" />
        <h1>From run to run</h1>
      </div>
      <Loaded load={all.now.value} what="what was measured" again={all.reload}>
        {(series) => (
          <Chosen
            route={route}
            metric={metric}
            series={series}
            metrics={offered.status === 'ready' ? offered.value.items : []}
            named={named}
          />
        )}
      </Loaded>
    </>
  );
}

interface Props {
  route: HistoryRoute;
  metric: string;
  series: Series[]; // all of this metric
  metrics: Metric[];
  named: Named;
}

// The address says what was chosen; what it leaves open is the newest there is.
function choiceOf(route: HistoryRoute, series: Series[]) {
  const newest = [...series].sort((a, b) => ((a.last_at ?? '') < (b.last_at ?? '') ? 1 : -1));
  const profile = route.profile ?? newest[0]?.profile;
  const ofProfile = series.filter((one) => one.profile === profile);
  const phases = [...new Set(ofProfile.map((one) => one.phase ?? ''))];
  const phase = route.phase ?? phases[0];
  const cases = ofProfile.filter((one) => (one.phase ?? '') === phase);
  const wanted = route.case.length > 0 ? route.case : cases.slice(0, 1).map((one) => one.case);
  return {
    profile,
    profiles: [...new Set(series.map((one) => one.profile))],
    phase,
    phases,
    cases,
    shown: cases.filter((one) => wanted.includes(one.case)).slice(0, kMostLines),
  };
}

function Chosen({ route, metric, series, metrics, named }: Props) {
  const choice = useMemo(() => choiceOf(route, series), [route, series]);
  const { shown } = choice;
  const range = { ...(route.since ? { since: [route.since] } : {}), ...(route.until ? { until: [route.until] } : {}) };
  const key = `${shown.map((one) => one.id).join()} ${route.since} ${route.until}`;
  const lines = useLoad(`lines ${key}`, () => linesOf(shown, range));
  const changes = useLoad(`changes ${shown.map((one) => one.id).join()}`, () => changesOf(shown));
  const since = changes.now.value;
  return (
    <>
      <section class="card" aria-label="What is shown">
        <div class="line">
          <Choice
            name="Figure"
            now={metric}
            options={metricOptions(metrics, metric)}
            set={(value) => go(urlOf({ ...route, metric: value === kUsualMetric ? '' : value, phase: '' }))}
          />
          {choice.profiles.length > 1 && (
            <Choice
              name="Profile"
              now={choice.profile ?? ''}
              options={choice.profiles.map((one) => [one, one])}
              set={(profile) => go(urlOf({ ...route, profile, phase: '', case: [] }))}
            />
          )}
          {choice.phases.length > 1 && (
            <Choice
              name="Phase"
              now={choice.phase ?? ''}
              options={choice.phases.map((one) => [one, phaseTitle(one, choice.phases)])}
              set={(phase) => go(urlOf({ ...route, phase }))}
            />
          )}
          <RangeChoice route={route} />
        </div>
        <Stacks route={route} cases={choice.cases} shown={shown} named={named} />
      </section>
      {series.length === 0 ? (
        <Empty title="No run that has ended has this figure.">
          <a href={homeUrl}>All runs</a>
        </Empty>
      ) : shown.length === 0 ? (
        <Empty title="No stack is chosen." />
      ) : (
        <Loaded load={lines.now.value} what="the lines" again={lines.reload}>
          {(all) => (
            <Lines
              lines={all}
              changes={since.status === 'ready' ? since.value : []}
              route={route}
              named={named}
              phases={choice.phases}
            />
          )}
        </Loaded>
      )}
    </>
  );
}

function metricOptions(metrics: Metric[], now: string): [string, string][] {
  const judged = metrics.filter((one) => one.better !== 'neither' || one.name === now);
  return judged.length === 0 ? [[now, now]] : judged.map((one) => [one.name, one.title]);
}

function linesOf(series: Series[], range: object): Promise<client.Answer<Line[]>> {
  return client.all(series.map((one) => client.points(one.id, kPoints, range)));
}

// The last run of each stack against the one before it. Where there is only one there is nothing to say.
async function changesOf(series: Series[]): Promise<client.Answer<(Comparison | undefined)[]>> {
  const answers = await Promise.all(
    series.map((one) =>
      client.compare('latest~1', 'latest', {
        stack: [one.stack],
        case: [one.case],
        phase: [one.phase ?? ''],
        metric: [one.metric],
        profile: [one.profile],
      }),
    ),
  );
  return { ok: true, value: answers.map((answer) => (answer.ok ? answer.value : undefined)) };
}

function Choice(props: { name: string; now: string; options: [string, string][]; set: (value: string) => void }) {
  return (
    <label class="field">
      <b>{props.name}</b>
      <select value={props.now} onChange={(e) => props.set(e.currentTarget.value)}>
        {props.options.map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function RangeChoice({ route }: { route: HistoryRoute }) {
  const set = (key: 'since' | 'until', value: string) => go(urlOf({ ...route, [key]: value.trim() }));
  return (
    <>
      <Day name="From" now={route.since} set={(value) => set('since', value)} />
      <Day name="To" now={route.until} set={(value) => set('until', value)} />
      {(route.since || route.until) && (
        <a class="button" href={urlOf({ ...route, since: '', until: '' })}>
          Whole history
        </a>
      )}
    </>
  );
}

// One stop of the keyboard, where the browser's own choice of a date has four.
function Day({ name, now = '', set }: { name: string; now: string | undefined; set: (value: string) => void }) {
  return (
    <label class="field">
      <b>{name} (UTC)</b>
      <input
        type="text"
        size={11}
        placeholder="2026-11-29"
        pattern="\d{4}-\d{2}-\d{2}(T\S*Z)?"
        value={now}
        onChange={(e) => e.currentTarget.reportValidity() && set(e.currentTarget.value)}
      />
    </label>
  );
}

function Stacks(props: { route: HistoryRoute; cases: Series[]; shown: Series[]; named: Named }) {
  const { route, cases, shown, named } = props;
  const [wanted, setWanted] = useState('');
  const title = (one: Series) => comparedCase(one, named);
  const found = cases.filter((one) => shown.includes(one) || matches(wanted, { name: one.case, title: title(one) }));
  const { part, more } = usePart(found, 12);
  const toggle = (name: string) => {
    const now = shown.map((one) => one.case);
    const next = now.includes(name) ? now.filter((each) => each !== name) : [...now, name].slice(-kMostLines);
    if (next.length > 0) go(urlOf({ ...route, case: next }), 'replace');
  };
  return (
    <fieldset>
      <legend>Stacks (up to {kMostLines})</legend>
      <Search
        of={cases.map((one) => ({ name: one.case, title: title(one) }))}
        what="a stack"
        wanted={wanted}
        set={setWanted}
      />
      <div class="line">
        {part.map((one) => (
          <label class="check" key={one.case}>
            <input type="checkbox" checked={shown.includes(one)} onChange={() => toggle(one.case)} />
            {title(one)}
          </label>
        ))}
      </div>
      {more}
    </fieldset>
  );
}

interface LinesProps {
  lines: Line[];
  changes: (Comparison | undefined)[];
  route: HistoryRoute;
  named: Named;
  phases: string[];
}

function Lines({ lines, changes, route, named, phases }: LinesProps) {
  const name = (line: Line) => comparedCase(line.series, named);
  const course = useMemo(() => courseOf(lines), [lines]);
  const drawn = useMemo(() => drawnOf(course, lines, name), [course, named]);
  const happened = useMemo(() => happeningsOf(lines, name), [lines, named]);
  const marks = useMemo(() => marksOf(happened), [happened]);
  const first = lines[0];
  if (first === undefined) return null;
  const { series } = first;
  const title = `${withoutBrackets(series.title)}, ${series.phase === undefined ? 'trials as a whole' : phaseTitle(series.phase, phases)}`;
  const unit = unitOf(series);
  const thinned = lines.some((line) => line.items.length < line.in_all);
  const open = (index: number) => {
    const run = course.runs[index];
    if (run !== undefined) go(runUrl(run, series.phase));
  };
  return (
    <>
      <section class="card" aria-label="Since the last run">
        {lines.map((line, i) => (
          <p key={line.series.id}>
            <b>{name(line)}</b>: {lastSentence(line, changeIn(changes[i], line.series), changes[i]?.a.created_at)}
          </p>
        ))}
      </section>
      {course.x.length === 0 ? (
        <Empty title="No run in this range." />
      ) : (
        <Figure
          wide
          title={title}
          sentence={`${lines.map((line) => `${name(line)}: ${line.in_all === 1 ? '1 run' : `${line.in_all} runs`}`).join('. ')}.${thinned ? ' Thinned out by the daemon; the least and the greatest values stay.' : ''}`}
          reading={
            <>
              <LineKey lines={drawn.filter((line) => !line.edge)} />
              <span>
                Area: 95 % interval of each run, or minimum to maximum of fewer than six trials. The line breaks where
                runs cannot be compared. Numbers: what happened, listed below. The axis need not begin at 0.
              </span>
            </>
          }
          source={client.urls.points(series.id, kPoints)}
          table={<PointTable lines={lines} course={course} name={name} caption={title} />}
        >
          <Plot
            label={title}
            x={course.x}
            lines={drawn}
            areas={lines.map((line, i) => ({ lower: 3 * i, upper: 3 * i + 1, slot: slotOf(line.series.case) }))}
            marks={marks}
            height={320}
            xTitle="run of"
            xText={(at) => stamp(isoOf(at)).replace(/, 00:00$/, '')}
            xTicks={tickTextOf(course)}
            xSpace={90}
            yRange={yRangeOf(course)}
            yText={(y) => withUnit(unit, y)}
            onOpen={open}
            onRange={(from, to) => go(urlOf({ ...route, since: isoOf(from), until: isoOf(to + 1) }))}
            hint="Enter opens the run; Shift and the arrow keys, or dragging, choose a range."
          />
        </Figure>
      )}
      <Happened all={happened} />
    </>
  );
}

const kDay = 86_400;

// The day, or within a few days the time.
function tickTextOf({ x }: Course): (at: number) => string {
  const isShort = (x[x.length - 1] ?? 0) - (x[0] ?? 0) < 3 * kDay;
  return (at) => stamp(isoOf(at)).split(', ')[isShort ? 1 : 0] as string;
}

// As close as the lines and their intervals allow: what is looked for is small beside the value.
function yRangeOf(course: Course): [number, number] {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { low, high } of course.lines) {
    for (const value of low) if (typeof value === 'number') least = Math.min(least, value);
    for (const value of high) if (typeof value === 'number') greatest = Math.max(greatest, value);
  }
  if (!(greatest >= least)) return [0, 1];
  const air = Math.max((greatest - least) * 0.08, Math.abs(greatest) * 0.005, 1e-9);
  return [Math.max(0, least - air), greatest + air];
}

function changeIn(all: Comparison | undefined, series: Series): Compared | undefined {
  return all?.items.find(
    (one) => one.case === series.case && one.phase === series.phase && one.metric === series.metric,
  );
}

function drawnOf(course: Course, lines: Line[], name: (line: Line) => string): Drawn[] {
  return course.lines.flatMap((of, i) => {
    const line = lines[i] as Line;
    const same = { slot: slotOf(line.series.case), label: name(line) };
    return [
      { ...same, values: of.low, edge: true },
      { ...same, values: of.high, edge: true },
      { ...same, values: of.value, dash: i + 1, dots: line.items.length <= kMostDots },
    ];
  });
}

// The numbers on the chart are those of the list.
function marksOf(happened: Happening[]) {
  const kMostMarks = 40;
  return happened.slice(0, kMostMarks).map((one, i) => ({ x: Date.parse(one.at) / 1000, label: String(i + 1) }));
}

function Happened({ all }: { all: Happening[] }) {
  const { part, more } = usePart(all, 10);
  if (all.length === 0) return null;
  return (
    <section class="card" aria-labelledby="happened">
      <h2 id="happened">What happened</h2>
      <ol class="plain">
        {part.map((one) => (
          <li key={`${one.at} ${one.text}`}>
            {one.run === undefined ? stamp(one.at) : <a href={runUrl(one.run)}>{stamp(one.at)}</a>}: {one.text}
          </li>
        ))}
      </ol>
      {more}
    </section>
  );
}

function PointTable(props: { lines: Line[]; course: Course; name: (line: Line) => string; caption: string }) {
  const { lines, course, name } = props;
  const rows = useMemo(
    () => course.runs.flatMap((run, i) => (run === undefined ? [] : [{ run, i }])).reverse(),
    [course],
  );
  return (
    <Table
      caption={`${props.caption}: each run, newest first.`}
      rows={rows}
      rowKey={(row) => String(row.i)}
      columns={[
        {
          key: 'at',
          title: 'Run of',
          head: true,
          cell: ({ run, i }) => ({
            text: <a href={runUrl(run)}>{stamp(isoOf(course.x[i] as number))}</a>,
            sort: course.x[i] as number,
          }),
        },
        ...lines.map((line, l) => ({
          key: line.series.id,
          title: name(line),
          number: true,
          cell: ({ i }: { i: number }) => {
            const point = course.lines[l]?.point[i];
            if (point === undefined) return { text: '–' };
            const { unit } = line.series;
            return {
              text: pointText(point, unit),
              small: `${pointSpread(point, unit)}${point.validity === 'valid' || point.n === 0 ? '' : `, ${point.validity}`}`,
              ...(point.value === undefined || point.n === 0
                ? {}
                : { title: exact(unitOf({ unit }), point.value), sort: point.value }),
            };
          },
        })),
      ]}
    />
  );
}
