// What the trials of both sides of a comparison show beside their load: the memory of one trial of each, all their starts, and one start of each
// step by step.
import { useMemo } from 'preact/hooks';
import * as client from '../api/client';
import { greatestOf, onOneAxis, pointsOf, timelineOf } from '../model/timeline';
import { phaseTitle, words } from '../model/titles';
import { gateWords, readingOf, type Samples, startMetricOf, type Trial } from '../model/trial';
import { exact, withUnit } from '../model/units';
import { axisTo } from './charts/axis';
import { type Line, LineKey, Plot } from './charts/plot';
import { Strip } from './charts/strip';
import { Figure } from './parts/figure';
import type { Group } from './parts/spectra';
import { StartSteps, startOf } from './parts/start_steps';
import { Empty, Loaded } from './parts/states';
import { type Cell, Table } from './parts/table';
import { useLoad } from './use_load';

interface Props {
  of: string; // ", Fastify" where the stack is not named above
  groups: Group[]; // the sides
  sides: Trial[][]; // all trials of each
}

// The first trial of each side, from container creation on.
export function Memories({ of, groups, sides }: Props) {
  const firsts = sides.flatMap((trials) => trials.find((trial) => trial.phases.length > 0) ?? []);
  const samples = useLoad(`samples ${firsts.map((trial) => trial.id).join()}`, () =>
    client.all(firsts.map((trial) => client.samples(trial.id))),
  );
  if (firsts.length < sides.length) return null;
  return (
    <Loaded load={samples.now.value} what="the samples" again={samples.reload}>
      {(all) =>
        all.some((one) => one.at_ns.length > 0) ? (
          <MemoryFigure of={of} groups={groups} all={all} />
        ) : (
          <Empty title={`No memory over time${of}.`}>Samples of these trials are not kept.</Empty>
        )
      }
    </Loaded>
  );
}

function MemoryFigure({ of, groups, all }: Omit<Props, 'sides'> & { all: Samples[] }) {
  const { at, lines, rows } = useMemo(() => {
    const each = all.map(timelineOf);
    const drawn = onOneAxis(each.map((one) => pointsOf(one.at_s, one.private_bytes)));
    return {
      at: drawn.at,
      lines: drawn.lines.map((values, i): Line => ({ ...(groups[i] as Group), values })),
      rows: each.flatMap((one, side) =>
        one.at_s.flatMap((at, i) => (one.gap[i] ? [] : [{ side, at, bytes: one.private_bytes[i] }])),
      ),
    };
  }, [all]);
  const [before] = all;
  const phases = before?.phases.map((one) => one.phase) ?? [];
  const axis = axisTo('B', Math.max(...lines.map((line) => greatestOf(line.values))) * 1.12);
  const peaks = lines.map((line) => `${line.label} ${withUnit('B', greatestOf(line.values))}`);
  const name = `Memory over one trial${of}`;
  return (
    <Figure
      wide
      title={name}
      sentence={`The first trial of each side, private memory. Peak: ${peaks.join(', ')}. Seconds count from container creation; the bands are the measured phases of the trial before.`}
      reading={
        <>
          <LineKey lines={lines} />
          <span>Bands: {phases.map((phase, i) => `${i + 1} ${phaseTitle(phase, phases)}`).join(', ')}.</span>
        </>
      }
      {...(all[1] === undefined ? {} : { source: client.urls.samples(all[1].trial) })}
      table={
        <Table
          caption={`${name}: every sample of both trials.`}
          rows={rows}
          rowKey={(row) => `${row.side} ${row.at}`}
          columns={[
            { key: 'side', title: 'Side', head: true, cell: ({ side }) => ({ text: groups[side]?.label, sort: side }) },
            { key: 'at', title: 'Time, s', number: true, cell: ({ at }) => ({ text: at.toFixed(2), sort: at }) },
            { key: 'bytes', title: 'Private memory', number: true, cell: ({ bytes }) => valueCell('B', bytes) },
          ]}
        />
      }
    >
      <Plot
        label={name}
        x={at}
        lines={lines}
        bands={(before?.phases ?? []).map((one) => ({
          label: phaseTitle(one.phase, phases),
          from: one.begin_ns / 1e9,
          to: one.end_ns / 1e9,
        }))}
        nearest
        xTitle="second"
        xText={(x) => String(Number(x.toFixed(2)))}
        yTicks={axis.ticks}
        yText={(y) => withUnit('B', y)}
      />
    </Figure>
  );
}

interface Started {
  side: number;
  trial: Trial;
}

// Every start of each side, and the median one step by step.
export function Starts({ of, groups, sides }: Props) {
  const all: Started[] = sides.flatMap((trials, side) =>
    trials.filter((trial) => startReading(trial)?.value !== undefined).map((trial) => ({ side, trial })),
  );
  if (all.length === 0) return null;
  const kinds = [...new Set(all.map(({ trial }) => trial.startup?.kind ?? ''))];
  const rows = groups.flatMap((group, side) =>
    kinds.map((kind) => ({
      key: `${group.label} ${kind}`,
      title: kinds.length > 1 ? `${group.label}, ${words(kind)}` : group.label,
      slot: group.slot,
      strong: true,
      values: all
        .filter((each) => each.side === side && each.trial.startup?.kind === kind && counts(each.trial))
        .map(({ trial }) => ({ value: startReading(trial)?.value ?? 0, label: `start ${trial.index + 1}` })),
    })),
  );
  const name = `All starts${of}`;
  return (
    <>
      <Figure
        wide
        title={name}
        sentence="Process start to first HTTP 200. The vertical line is the median. What a gate struck out is in the table only."
        table={
          <Table
            caption={`${name}.`}
            rows={all}
            rowKey={({ trial }) => trial.id}
            columns={[
              {
                key: 'side',
                title: 'Side',
                head: true,
                cell: ({ side }) => ({ text: groups[side]?.label, sort: side }),
              },
              {
                key: 'trial',
                title: 'Trial',
                number: true,
                cell: ({ trial }) => ({
                  text: String(trial.index + 1),
                  small: `block ${trial.block}`,
                  sort: trial.index,
                }),
              },
              { key: 'kind', title: 'Kind', cell: ({ trial }) => ({ text: words(trial.startup?.kind ?? '') }) },
              { key: 'start', title: 'Start-up', number: true, cell: ({ trial }) => startCell(trial) },
            ]}
          />
        }
      >
        <Strip rows={rows.filter((row) => row.values.length > 0)} unit="ns" />
      </Figure>
      <StartSteps
        title={`Starts step by step${of}`}
        sentence="The median start of each side, from container creation on, both on one logarithmic axis."
        head="Side"
        starts={groups.map((group, i) => ({
          ...startOf(sides[i] ?? []),
          key: group.label,
          title: group.label,
          slot: group.slot,
        }))}
      />
    </>
  );
}

function startReading(trial: Trial) {
  return readingOf(trial, startMetricOf(trial));
}

function counts(trial: Trial): boolean {
  return startReading(trial)?.validity !== 'invalid';
}

function startCell(trial: Trial): Cell {
  const reading = startReading(trial);
  const cell = valueCell('ns', reading?.value);
  if (!reading || reading.validity === 'valid') return cell;
  return { ...cell, title: [cell.title, ...gateWords(trial, reading)].join('. '), out: !counts(trial) };
}

function valueCell(unit: 'B' | 'ns', value: number | null | undefined): Cell {
  if (value === null || value === undefined) return { text: '–' };
  return { text: withUnit(unit, value), title: exact(unit, value), sort: value };
}
