// The two dense charts of a case: memory over one trial, and the percentile curves of all its trials in one phase.
import { useMemo } from 'preact/hooks';
import * as client from '../api/client';
import type { MetricName } from '../model/metric';
import { spectrumOf } from '../model/spectrum';
import type { Absence } from '../model/summary';
import { timelineOf } from '../model/timeline';
import { phaseTitle } from '../model/titles';
import { type Histogram, type Measurement, type Samples, struckWords, type Trial } from '../model/trial';
import { count, exact, inScale, significant, withUnit } from '../model/units';
import type { Load } from '../state/load';
import { axisTo } from './charts/axis';
import { type Line, LineKey, Plot } from './charts/plot';
import { Figure } from './parts/figure';
import { histogramsOf, kTrialsDrawn, percentileSplits, percentileText } from './parts/spectra';
import { Loaded } from './parts/states';
import { Table } from './parts/table';
import { useLoad } from './use_load';

interface TimelineProps {
  trial: Trial;
  trials: Trial[];
  slot: number;
  choose: (id: string) => void;
}

export function MemoryTimeline({ trial, trials, slot, choose }: TimelineProps) {
  const samples = useLoad(`samples ${trial.id}`, () => client.samples(trial.id));
  return (
    <Loaded load={samples.now.value} what="the samples" again={samples.reload}>
      {(value) => (
        <TimelineFigure samples={value} slot={slot}>
          <TrialChoice trials={trials} now={trial} choose={choose} />
        </TimelineFigure>
      )}
    </Loaded>
  );
}

export function TrialChoice({
  trials,
  now,
  choose,
  label = 'Trial',
}: Omit<TimelineProps, 'slot' | 'trial'> & { now: Trial; label?: string }) {
  return (
    <label class="check small">
      {label}
      <select value={now.id} onChange={(e) => choose(e.currentTarget.value)}>
        {trials.map((t) => (
          <option key={t.id} value={t.id}>
            {t.kind === 'startup' ? 'start' : 'trial'} {t.index + 1}, block {t.block}
          </option>
        ))}
      </select>
    </label>
  );
}

function TimelineFigure(props: { samples: Samples; slot: number; children: preact.ComponentChildren }) {
  const { samples } = props;
  const line = useMemo(() => timelineOf(samples), [samples]);
  const lines: Line[] = useMemo(
    () => [
      { label: 'private', slot: props.slot, values: line.private_bytes },
      {
        label: 'as in docker stats',
        slot: props.slot,
        faint: true,
        dash: 2,
        values: line.docker_equivalent_bytes,
      },
    ],
    [line, props.slot],
  );
  const greatest = Math.max(0, ...line.private_bytes.map((v) => v ?? 0));
  const axis = axisTo('B', Math.max(0, ...line.docker_equivalent_bytes.map((v) => v ?? 0), greatest) * 1.12);
  const scale = axis.scale;
  const rows = line.at_s.flatMap((at, i) =>
    line.gap[i]
      ? []
      : [{ i, at, own: line.private_bytes[i], docker: line.docker_equivalent_bytes[i], cores: line.cores[i] }],
  );
  const origin = samples.origin === 'create_call' ? 'container creation' : 'the first sample';
  const phases = samples.phases.map((p) => p.phase);
  return (
    <Figure
      wide
      title="Memory over the trial"
      sentence={`Peak: ${withUnit('B', greatest)} (private). The bands are the measured phases.`}
      reading={
        <>
          <LineKey lines={lines} />
          <span>Bands: {phases.map((p, i) => `${i + 1} ${phaseTitle(p, phases)}`).join(', ')}.</span>
        </>
      }
      source={client.urls.samples(samples.trial)}
      table={
        <Table
          caption={`Samples of the trial. Time counts from ${origin}.`}
          rows={rows}
          rowKey={(r) => String(r.i)}
          columns={[
            {
              key: 'at',
              title: 'Time, s',
              number: true,
              head: true,
              cell: (r) => ({ text: r.at.toFixed(2), sort: r.at }),
            },
            { key: 'own', title: 'Private', number: true, cell: (r) => bytesCell(r.own) },
            { key: 'docker', title: 'docker stats', number: true, cell: (r) => bytesCell(r.docker) },
            {
              key: 'cores',
              title: 'CPU cores',
              number: true,
              cell: (r) =>
                r.cores === null || r.cores === undefined
                  ? { text: '–' }
                  : { text: significant(r.cores, 2), sort: r.cores },
            },
          ]}
        />
      }
    >
      {props.children}
      <Plot
        label="Memory over the trial"
        x={line.at_s}
        lines={lines}
        bands={samples.phases.map((p) => ({
          label: phaseTitle(p.phase, phases),
          from: p.begin_ns / 1e9,
          to: p.end_ns / 1e9,
        }))}
        height={280}
        xTitle={`seconds since ${origin}`}
        xText={(x) => String(Number(x.toFixed(2)))}
        yTicks={axis.ticks}
        yText={(y) => `${inScale(scale, y)}${scale.suffix}`}
      />
    </Figure>
  );
}

function bytesCell(value: number | null | undefined) {
  if (value === null || value === undefined) return { text: '–' };
  return { text: withUnit('B', value), title: exact('B', value), sort: value };
}

interface SpectrumProps {
  phase: string;
  title: string; // of the phase
  loop: 'closed' | 'open';
  trials: Trial[];
  measured: Load<Map<string, Measurement[]>>; // by trial: which curves a gate struck out
  absent: Absence[]; // percentiles that were withheld
  chosen: Trial | undefined;
  slot: number;
}

export function PercentileSpectrum(props: SpectrumProps) {
  const { phase, trials } = props;
  const drawn = trials.slice(0, kTrialsDrawn);
  const histograms = useLoad(`histograms ${phase} ${drawn.map((t) => t.id).join()}`, () =>
    histogramsOf([drawn], phase),
  );
  return (
    <Loaded load={histograms.now.value} what="the histograms" again={histograms.reload}>
      {([list = []]) => <SpectrumFigure {...props} list={list} trials={drawn} />}
    </Loaded>
  );
}

function SpectrumFigure(props: Omit<SpectrumProps, 'trials'> & { list: Histogram[]; trials: Trial[] }) {
  const { list, trials, chosen } = props;
  const spectrum = useMemo(() => spectrumOf(list), [list]);
  const times = props.loop === 'open' ? 'latency' : 'service_time';
  const struck = useMemo(
    () => trials.map((trial) => struckIn(props.measured, trial, props.phase, `${times}_p50_ns`)),
    [trials, props.measured],
  );
  const bold = Math.max(
    0,
    chosen === undefined ? struck.indexOf(undefined) : trials.findIndex((t) => t.id === chosen.id),
  );
  const lines: Line[] = useMemo(
    () =>
      spectrum.curves.map((values, i) => ({
        label: `trial ${(trials[i]?.index ?? i) + 1}${struck[i] === undefined ? '' : ' (struck out)'}`,
        slot: props.slot,
        dash: struck[i] !== undefined ? kStruckDash : i === bold ? 1 : 2 + (i % 6),
        faint: i !== bold || struck[i] !== undefined,
        values,
      })),
    [spectrum, bold, struck],
  );
  const last = spectrum.percent[spectrum.percent.length - 1] ?? 0;
  const name = props.loop === 'open' ? 'Latency' : 'Service time';
  const answers = list.reduce((sum, h) => sum + h.count, 0);
  const rows = spectrum.percent.map((percent, i) => ({ percent, i }));
  const notes = [
    ...new Set(
      struck.flatMap((words, i) => (words === undefined ? [] : [`Trial ${(trials[i]?.index ?? i) + 1}: ${words}`])),
    ),
    ...props.absent
      .filter((each) => each.metric.startsWith(times))
      .map((each) => `Withheld: ${each.metric.replace(`${times}_`, '').replace('_ns', '')} (${each.reason}).`),
  ];
  return (
    <Figure
      wide
      title={`${name} by percentile, ${props.title}`}
      sentence={`${count(answers)} responses in ${list.length} ${list.length === 1 ? 'trial' : 'trials'}. Drawn up to p${last}, the highest percentile that many responses support.`}
      reading={
        <>
          <LineKey lines={lines} />
          {notes.length > 0 && <span>{notes.join(' ')}</span>}
        </>
      }
      {...(list[bold] ? { source: client.urls.histogram(list[bold].trial, props.phase) } : {})}
      table={
        <Table
          caption={`${name}, ${props.title}, one column per trial.`}
          rows={rows}
          rowKey={(r) => String(r.percent)}
          columns={[
            {
              key: 'percent',
              title: 'Percentile',
              head: true,
              number: true,
              cell: (r) => ({ text: `p${r.percent}`, sort: r.percent }),
            },
            ...lines.map((line, c) => ({
              key: `${c}`,
              title: line.label,
              number: true,
              cell: (r: { percent: number; i: number }) => {
                const value = spectrum.curves[c]?.[r.i];
                if (value === null || value === undefined) return { text: '–' };
                return {
                  text: withUnit('ns', value),
                  title: exact('ns', value),
                  sort: value,
                  out: struck[c] !== undefined,
                };
              },
            })),
          ]}
        />
      }
    >
      <Plot
        label={`${name} by percentile`}
        x={spectrum.x}
        lines={lines}
        logY
        height={280}
        xSplits={percentileSplits(last)}
        xTitle="percentile"
        xText={percentileText}
        yText={(y) => withUnit('ns', y)}
      />
    </Figure>
  );
}

const kStruckDash = 9;

function struckIn(
  measured: Load<Map<string, Measurement[]>>,
  trial: Trial,
  phase: string,
  metric: MetricName,
): string | undefined {
  if (measured.status !== 'ready') return undefined;
  return struckWords(
    measured.value.get(trial.id)?.find((each) => each.phase === phase),
    metric,
  );
}
