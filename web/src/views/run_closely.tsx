// A phase of a run looked at closely: percentile curves of several stacks, latency against load, the course of one trial, and how the stacks start.
import { useMemo } from 'preact/hooks';
import * as client from '../api/client';
import type { Board, Entry } from '../model/board';
import { type LoadCurve, linesOf, loadCurvesOf, rateRange, rateSplits } from '../model/load_curves';
import type { MetricName } from '../model/metric';
import { listed, type RunRoute, urlOf } from '../model/route';
import type { Run } from '../model/run';
import { kMatrix } from '../model/selection';
import { whiskerKey } from '../model/sentences';
import { phaseTitle } from '../model/titles';
import { type Histogram, readingOf, type Trial } from '../model/trial';
import { exact, withUnit } from '../model/units';
import { go } from '../state/location';
import { type Line, LineKey, Plot } from './charts/plot';
import { Figure } from './parts/figure';
import { fullCell } from './parts/metric_table';
import { type Group, histogramsOf, SpectraFigure, useSpectra } from './parts/spectra';
import { Empty, Loaded } from './parts/states';
import { Table } from './parts/table';
import { StartMultiples } from './run_starts';
import { TrialTimeline } from './run_timeline';
import { useLoad } from './use_load';

interface Props {
  run: Run;
  route: RunRoute;
  board: Board;
  boards: ReadonlyMap<string, Board> | undefined; // of all phases, once they are known
}

const kMostCases = 6;
const kUsualCases = 4;
const kMostTrials = 6; // of each stack

export function Closely({ run, route, board, boards }: Props) {
  const chosen = chosenOf(route, board);
  const curves = useMemo(() => loadCurvesOf(boards ?? new Map(), board.phase ?? ''), [boards, board.phase]);
  const trials = useLoad(`closely ${run.id} ${chosen.map((entry) => entry.case).join()} ${board.phase}`, () =>
    trialsOf(run, chosen, board.phase ?? ''),
  );
  return (
    <>
      {board.phase !== undefined && (
        <>
          <CaseChoice route={route} board={board} chosen={chosen} />
          <Loaded load={trials.now.value} what="the trials" again={trials.reload}>
            {(lists) => (
              <>
                <Overlay board={board} chosen={chosen} lists={lists} />
                {curves.length > 0 && <LatencyOverLoad run={run} curves={curves} board={board} />}
                <TrialTimeline route={route} phase={board.phase ?? ''} chosen={chosen} lists={lists} />
              </>
            )}
          </Loaded>
        </>
      )}
      <StartMultiples run={run} entries={board.entries} />
    </>
  );
}

// Those in the address; otherwise the first of the phase.
function chosenOf(route: RunRoute, board: Board): Entry[] {
  const wanted = listed(route.cases);
  const found = board.entries.filter((entry) => wanted.includes(entry.case)).slice(0, kMostCases);
  if (found.length > 0) return found;
  return board.entries.filter((entry) => entry.of.has(board.headline)).slice(0, kUsualCases);
}

function CaseChoice({ route, board, chosen }: { route: RunRoute; board: Board; chosen: Entry[] }) {
  if (board.entries.length < 2) return null;
  const toggle = (name: string) => {
    const now = chosen.map((entry) => entry.case);
    const next = now.includes(name) ? now.filter((each) => each !== name) : [...now, name].slice(-kMostCases);
    if (next.length > 0) go(urlOf({ ...route, cases: next.join(','), trial: '' }), 'replace');
  };
  return (
    <details class="filter">
      <summary>Closely: {chosen.map((entry) => entry.title).join(', ')}</summary>
      <fieldset class="line">
        <legend class="small">Stacks (up to {kMostCases})</legend>
        {board.entries.map((entry) => (
          <label class="check" key={entry.case}>
            <input type="checkbox" checked={chosen.includes(entry)} onChange={() => toggle(entry.case)} />
            {entry.title}
          </label>
        ))}
      </fieldset>
    </details>
  );
}

async function trialsOf(run: Run, chosen: Entry[], phase: string): Promise<client.Answer<Trial[][]>> {
  const answer = await client.all(chosen.map((entry) => client.trials(run.id, { case: [entry.case] })));
  return client.mapped(answer, (lists) =>
    lists.map(({ items }) => items.filter((trial) => trial.phases.includes(phase) && trial.state !== 'interrupted')),
  );
}

const kNames = { latency: 'Latency', service_time: 'Service time', delivery: 'Delivery' };

function Overlay({ board, chosen, lists }: { board: Board; chosen: Entry[]; lists: Trial[][] }) {
  const phase = board.phase ?? '';
  const key = lists.map((trials) => trials[0]?.id ?? '').join();
  const loaded = useLoad(`overlay ${phase} ${key}`, () =>
    histogramsThatCount(lists, phase, `${board.times}_p50_ns` as MetricName),
  );
  const title = `${kNames[board.times]} by percentile, ${phaseTitle(phase, board.phases)}`;
  const load = loaded.now.value;
  if (load.status === 'failed') return <Empty title={`No percentile curves: ${title}.`}>{load.problem.detail}</Empty>;
  return (
    <Loaded load={load} what="the percentile curves" again={loaded.reload}>
      {(all) => <Curves title={title} chosen={chosen} lists={lists} all={all} />}
    </Loaded>
  );
}

function Curves(props: { title: string; chosen: Entry[]; lists: Trial[][]; all: Histogram[][] }) {
  const { title, chosen, lists, all } = props;
  const spectra = useSpectra(all);
  const groups: Group[] = useMemo(
    () => chosen.map((entry, i) => ({ label: entry.title, slot: entry.slot, dash: i + 1 })),
    [chosen.map((entry) => entry.case).join()],
  );
  if (spectra.percent.length === 0) return <Empty title={`No percentile curves: ${title}.`} />;
  const isPart = lists.some((trials, i) => trials.length > (all[i]?.length ?? 0));
  return (
    <SpectraFigure
      title={title}
      groups={groups}
      spectra={spectra}
      note={isPart ? `Of each stack the first ${kMostTrials} trials that passed the gates.` : ''}
    />
  );
}

// Of trials that no gate struck out.
async function histogramsThatCount(
  lists: Trial[][],
  phase: string,
  metric: MetricName,
): Promise<client.Answer<Histogram[][]>> {
  const counted = await Promise.all(
    lists.map(async (trials) => {
      const some = trials.slice(0, kMostTrials + 2);
      const answers = await Promise.all(
        some.map((trial) => client.measurements(trial.id, { phase: [phase], metric: [metric] })),
      );
      const counts = (i: number) => {
        const answer = answers[i];
        const measured = answer?.ok ? answer.value.phases.find((each) => each.phase === phase) : undefined;
        return readingOf(measured, metric)?.validity !== 'invalid';
      };
      return some.filter((_, i) => counts(i)).slice(0, kMostTrials);
    }),
  );
  return histogramsOf(counted, phase);
}

function LatencyOverLoad({ run, curves, board }: { run: Run; curves: LoadCurve[]; board: Board }) {
  const { x, lines, whiskers } = useMemo(() => linesOf(curves), [curves]);
  const drawn: Line[] = useMemo(
    () =>
      lines.map((values, i) => {
        const entry = (curves[i] as LoadCurve).entry;
        return { label: entry.title, slot: entry.slot, dash: i + 1, values };
      }),
    [lines],
  );
  const phases = [...new Set(curves.flatMap(({ points }) => points.map(({ phase }) => phase)))];
  const title = `${kNames[board.times]} p99 against load`;
  const rows = curves.flatMap(({ entry, points }) => points.map((point) => ({ entry, point })));
  return (
    <Figure
      wide
      title={title}
      sentence={`Each stack at rates of its own: ${phases.map((phase) => phaseTitle(phase, board.phases)).join('; ')}. Compare stacks where they have the same load, not the same share of their maximum.`}
      reading={
        <>
          <LineKey lines={drawn} />
          <span>
            {whiskerKey(rows.map(({ point }) => point.summary))} A hollow mark was struck out by a gate. Both axes are
            logarithmic.
          </span>
        </>
      }
      source={client.urls.summaries(run.id, kMatrix)}
      table={
        <Table
          caption={`${title}: each stack at each of its rates.`}
          rows={rows}
          rowKey={({ entry, point }) => `${entry.case} ${point.phase}`}
          columns={[
            {
              key: 'case',
              title: 'Stack',
              head: true,
              cell: ({ entry }) => ({ text: entry.title, small: entry.stack.name, sort: entry.case }),
            },
            {
              key: 'phase',
              title: 'Load',
              cell: ({ point }) => ({ text: phaseTitle(point.phase, board.phases), sort: point.phase }),
            },
            {
              key: 'rate',
              title: 'Offered rate',
              number: true,
              cell: ({ point }) => ({
                text: withUnit('1/s', point.rate),
                title: exact('1/s', point.rate),
                sort: point.rate,
              }),
            },
            {
              key: 'p99',
              title: `${kNames[board.times]} p99`,
              number: true,
              cell: ({ point }) => fullCell(point.summary),
            },
          ]}
        />
      }
    >
      <Plot
        label={title}
        x={x}
        lines={drawn}
        whiskers={whiskers.map(({ curve, out, ...rest }) => ({
          ...rest,
          slot: (curves[curve] as LoadCurve).entry.slot,
          hollow: out,
        }))}
        logY
        height={300}
        xRange={rateRange(x)}
        xSplits={rateSplits(rateRange(x))}
        xTitle="offered rate"
        xText={(at) => withUnit('1/s', 10 ** at)}
        yText={(y) => withUnit('ns', y)}
      />
    </Figure>
  );
}
