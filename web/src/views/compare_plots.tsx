// One cell of a comparison looked at closely: how far apart the sides are at each percentile, their percentile curves, their course in time, their
// memory, and how they start.
import { useMemo } from 'preact/hooks';
import * as client from '../api/client';
import {
  type Cell,
  type Compared,
  type Comparison,
  cellTitle,
  changeText,
  comparedCase,
  intervalText,
  intervalTitle,
  type Named,
} from '../model/compare';
import type { MetricName } from '../model/metric';
import { ratioAxis } from '../model/ratio_axis';
import { percentileToX } from '../model/scale';
import { ratioCurve, type Spectra } from '../model/spectra';
import type { Histogram, Seconds, Trial } from '../model/trial';
import { exact, significant, withUnit } from '../model/units';
import { type Line, LineKey, Plot } from './charts/plot';
import { Memories, Starts } from './compare_trials';
import { Figure } from './parts/figure';
import { Later } from './parts/later';
import { type Group, histogramsOf, percentileSplits, percentileText, SpectraFigure, useSpectra } from './parts/spectra';
import { Empty, Loaded } from './parts/states';
import { Table } from './parts/table';
import { useLoad } from './use_load';

const kPercentiles = [50, 90, 99, 99.9] as const;
const kNames = ['p50', 'p90', 'p99', 'p999'] as const;
const kTimes = ['latency', 'service_time', 'delivery'] as const;
const kMetrics = kTimes.flatMap((times) => kNames.map((name) => `${times}_${name}_ns` as MetricName));

const kGroups: Group[] = [
  { label: 'before', slot: 1, dash: 2 },
  { label: 'after', slot: 2, dash: 1 },
];

// Both sides of one cell. Of a median of many runs the newest is drawn.
export function Closer({ all, cell, phases, named }: { all: Comparison; cell: Cell; phases: string[]; named: Named }) {
  const [a, b] = [all.a.runs[0] as string, all.b.runs[0] as string];
  const cases = [all.a.case ?? cell.case, all.b.case ?? cell.case];
  const [a_case, b_case] = [[cases[0] as string], [cases[1] as string]];
  const wanted = { ...(all.b.case === undefined ? { case: b_case } : { a_case, b_case }), phase: [cell.phase] };
  const rows = useLoad(`closer ${a} ${b} ${cases} ${cell.phase}`, () =>
    client.compare(all.a.runs.length === 1 ? a : all.a.ref, b, { ...wanted, metric: kMetrics }),
  );
  const trials = useLoad(`trials ${a} ${b} ${cases}`, () => trialsOf([a, b], cases));
  const sides = trials.now.value;
  const loaded = useMemo(
    () =>
      sides.status === 'ready' ? sides.value.map((side) => side.filter((t) => t.phases.includes(cell.phase))) : [],
    [sides, cell.phase],
  );
  const histograms = useLoad(`histograms ${a} ${b} ${cases} ${cell.phase} ${sides.status}`, () =>
    sides.status === 'ready' ? histogramsOf(loaded, cell.phase) : undefined,
  );
  const title = cellTitle(all, cell, phases, named);
  const of = all.b.case === undefined ? `, ${comparedCase(cell, named)}` : '';
  const load = rows.now.value;
  const drawn = histograms.now.value;
  return (
    <div class="two">
      {load.status === 'ready' && drawn.status === 'failed' && (
        <QuantileDifference title={title} rows={load.value.items} lists={kNoLists} />
      )}
      {drawn.status === 'failed' ? (
        <Empty title={`No percentile curves of ${title}.`}>{drawn.problem.detail}</Empty>
      ) : (
        <Loaded load={drawn} what="the percentile curves" again={histograms.reload}>
          {(lists) => (
            <>
              {load.status === 'ready' && <QuantileDifference title={title} rows={load.value.items} lists={lists} />}
              <Overlay title={title} lists={lists} />
            </>
          )}
        </Loaded>
      )}
      {sides.status === 'ready' && (
        <>
          <Timelines title={title} sides={loaded} phase={cell.phase} />
          <Later wide>
            <Memories of={of} groups={kGroups} sides={sides.value} />
          </Later>
          <Later wide>
            <Starts of={of} groups={kGroups} sides={sides.value} />
          </Later>
        </>
      )}
    </div>
  );
}

const kNoLists: Histogram[][] = [[], []];

async function trialsOf(runs: string[], cases: string[]): Promise<client.Answer<Trial[][]>> {
  const answer = await client.all(runs.map((run, i) => client.trials(run, { case: cases.slice(i, i + 1) })));
  return client.mapped(answer, (lists) => lists.map(({ items }) => items.filter((t) => t.state !== 'interrupted')));
}

function Overlay({ title, lists }: { title: string; lists: Histogram[][] }) {
  const spectra = useSpectra(lists);
  if (spectra.percent.length === 0) return null;
  const times = lists.flat()[0]?.kind === 'service' ? 'Service time' : 'Latency';
  return <SpectraFigure title={`${times} by percentile, ${title}`} groups={kGroups} spectra={spectra} />;
}

interface DifferenceProps {
  title: string;
  rows: Compared[];
  lists: Histogram[][];
}

function QuantileDifference({ title, rows, lists }: DifferenceProps) {
  const spectra = useSpectra(lists);
  const told = useMemo(() => percentilesOf(rows), [rows]);
  const curve = useMemo(() => curveOf(spectra), [spectra]);
  const lines: Line[] = useMemo(
    () => [
      { label: 'least', slot: 2, values: curve.low, edge: true },
      { label: 'greatest', slot: 2, values: curve.high, edge: true },
      {
        label: 'after ÷ before',
        slot: 2,
        values: curve.middle.map((v, i) => v ?? told.get(curve.percent[i] ?? -1)?.ratio ?? null),
      },
    ],
    [curve, told],
  );
  if (told.size === 0 && curve.percent.length === 0) return null;
  const percent = curve.percent.length > 0 ? curve.percent : [...told.keys()];
  const x = percent.map((p) => percentileToX(p / 100));
  const all = [...curve.low, ...curve.high, ...[...told.values()].flatMap((r) => [r.ratio, ...(r.ci95 ?? [])])];
  const far =
    Math.max(1.05, ...all.flatMap((v) => (v === null || v === undefined || v <= 0 ? [] : [Math.max(v, 1 / v)]))) * 1.05;
  const ninetyNine = told.get(99);
  return (
    <Figure
      wide
      title={`Difference by percentile, ${title}`}
      sentence={
        ninetyNine?.ratio === undefined
          ? 'How many times as long each percentile takes.'
          : differenceSentence(ninetyNine)
      }
      reading={`Line: median of the trials after, as a multiple of that before. Area: the trials furthest apart. Points with whiskers: the effect of a percentile and its ${intervalTitle(rows)} (no interval with so few trials).`}
      table={
        <Table
          caption={`Difference by percentile, ${title}: after as a multiple of before.`}
          rows={percent.map((p, i) => ({ p, i }))}
          rowKey={(row) => String(row.p)}
          columns={[
            {
              key: 'percent',
              title: 'Percentile',
              head: true,
              number: true,
              cell: ({ p }) => ({ text: `p${p}`, sort: p }),
            },
            {
              key: 'middle',
              title: 'Trials, median',
              number: true,
              cell: ({ i }) => ratioCell(curve.middle[i], curve.low[i], curve.high[i]),
            },
            {
              key: 'effect',
              title: `Effect (${intervalTitle(rows)})`,
              number: true,
              cell: ({ p }) => ratioCell(told.get(p)?.ratio, ...(told.get(p)?.ci95 ?? [])),
            },
          ]}
        />
      }
    >
      <Plot
        label={`Difference by percentile, ${title}`}
        x={x}
        lines={
          curve.percent.length > 0
            ? lines
            : [{ label: 'after ÷ before', slot: 2, values: percent.map((p) => told.get(p)?.ratio ?? null) }]
        }
        areas={curve.percent.length > 0 ? [{ lower: 0, upper: 1, slot: 2 }] : []}
        whiskers={[...told].flatMap(([p, one]) =>
          one.ratio === undefined
            ? []
            : [{ x: percentileToX(p / 100), y: one.ratio, low: one.ci95?.[0], high: one.ci95?.[1], slot: 1 }],
        )}
        logY
        yRange={[1 / far, far]}
        yTicks={ratioAxis([far]).ticks}
        height={260}
        xSplits={percentileSplits(percent[percent.length - 1] ?? 0)}
        xTitle="percentile"
        xText={percentileText}
        yText={(y) => (Math.abs(y - 1) < 1e-6 ? 'none' : changeText(y))}
      />
    </Figure>
  );
}

function differenceSentence(one: Compared): string {
  const interval = intervalText(one);
  const change = one.ratio === undefined ? '' : changeText(one.ratio);
  return `p99: ${change}${interval === '' ? '' : ` (${intervalTitle([one])} ${interval})`}, n = ${one.a.n} and ${one.b.n}.`;
}

function percentilesOf(rows: Compared[]): Map<number, Compared> {
  const times = kTimes.find((each) => rows.some((one) => one.metric.startsWith(`${each}_p`)));
  const found = new Map<number, Compared>();
  kNames.forEach((name, i) => {
    const one = rows.find((row) => row.metric === `${times}_${name}_ns`);
    if (one) found.set(kPercentiles[i] as number, one);
  });
  return found;
}

function curveOf(spectra: Spectra) {
  const [a, b] = spectra.groups;
  const none = { middle: [], low: [], high: [] };
  return { percent: spectra.percent, ...(a && b ? ratioCurve(a, b) : none) };
}

function ratioCell(middle?: number | null, low?: number | null, high?: number | null) {
  if (middle === null || middle === undefined) return { text: '–' };
  const spread = low === null || low === undefined || high === null || high === undefined;
  return {
    text: changeText(middle),
    title: exact('1', middle),
    ...(spread ? {} : { small: `${changeText(low)} to ${changeText(high)}` }),
    sort: middle,
  };
}

// The first trial of each side, second by second.
function Timelines({ title, sides, phase }: { title: string; sides: Trial[][]; phase: string }) {
  const firsts = sides.map((trials) => trials[0]);
  const seconds = useLoad(`seconds ${firsts.map((t) => t?.id).join()} ${phase}`, () => secondsOf(firsts, phase));
  const load = seconds.now.value;
  if (load.status !== 'ready') return null;
  const courses = load.value.map((one) => one?.phases.find((each) => each.phase === phase)?.seconds ?? []);
  const length = Math.max(0, ...courses.map((course) => course.length));
  if (length === 0) return null;
  return <Courses title={title} courses={courses} length={length} trials={firsts} phase={phase} />;
}

async function secondsOf(
  trials: (Trial | undefined)[],
  phase: string,
): Promise<client.Answer<(Seconds | undefined)[]>> {
  const answers = await Promise.all(trials.map((trial) => trial && client.seconds(trial.id, phase)));
  const lists: (Seconds | undefined)[] = [];
  for (const answer of answers) {
    if (answer && !answer.ok) return answer;
    lists.push(answer?.value);
  }
  return { ok: true, value: lists };
}

type Course = Seconds['phases'][number]['seconds'];

function Courses(props: {
  title: string;
  courses: Course[];
  length: number;
  trials: (Trial | undefined)[];
  phase: string;
}) {
  const { title, courses, length } = props;
  const x = useMemo(() => Array.from({ length }, (_, i) => i), [length]);
  const lines = useMemo(() => {
    const of = (value: (second: Course[number]) => number | undefined): Line[] =>
      courses.map((course, i) => ({
        ...(kGroups[i] as Group),
        values: x.map((at) => value(course[at] ?? kNothing) ?? null),
      }));
    return { rate: of((one) => (one.second < 0 ? undefined : one.good)), p99: of((one) => one.p99_ns) };
  }, [courses, x]);
  const plot = {
    x,
    xRange: [0, Math.max(1, length - 1)] as [number, number],
    sync: 'course',
    height: 180,
    xTitle: 'second',
    xText: (at: number) => String(Number(at.toFixed(2))),
  };
  const sources = props.trials.flatMap((trial) => (trial ? [client.urls.seconds(trial.id, props.phase)] : []));
  return (
    <Figure
      wide
      title={`Second by second, ${title}`}
      sentence="The first trial of each side. Seconds count from the beginning of the measured window."
      reading={<LineKey lines={lines.rate} />}
      {...(sources[1] === undefined ? {} : { source: sources[1] })}
      table={
        <Table
          caption={`Second by second, ${title}`}
          rows={x}
          rowKey={String}
          columns={[
            {
              key: 'second',
              title: 'Second',
              head: true,
              number: true,
              cell: (at) => ({ text: String(at), sort: at }),
            },
            ...lines.rate.map((line, i) => ({
              key: `rate ${i}`,
              title: `Throughput ${line.label}`,
              number: true,
              cell: (at: number) => valueCell('1/s', line.values[at]),
            })),
            ...lines.p99.map((line, i) => ({
              key: `p99 ${i}`,
              title: `p99 ${line.label}`,
              number: true,
              cell: (at: number) => valueCell('ns', line.values[at]),
            })),
          ]}
        />
      }
    >
      <Plot
        {...plot}
        label={`Throughput, second by second, ${title}`}
        lines={lines.rate}
        yText={(y) => `${significant(y)}/s`}
      />
      <Plot {...plot} label={`p99, second by second, ${title}`} lines={lines.p99} yText={(y) => withUnit('ns', y)} />
    </Figure>
  );
}

const kNothing: Course[number] = { second: -1, good: 0, errors: 0 };

function valueCell(unit: '1/s' | 'ns', value: number | null | undefined) {
  if (value === null || value === undefined) return { text: '–' };
  return { text: withUnit(unit, value), title: exact(unit, value), sort: value };
}
