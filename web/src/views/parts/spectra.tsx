// Percentile curves of several groups of trials over each other, each with a band from its least to its greatest trial. A group is a stack of
// a run, or a side of a comparison.
import { useMemo } from 'preact/hooks';
import * as client from '../../api/client';
import { percentileLabel, percentileToX, xToPercentile } from '../../model/scale';
import { type Spectra, spectraOf } from '../../model/spectra';
import type { Histogram, Trial } from '../../model/trial';
import { count, counted, exact, withUnit } from '../../model/units';
import { type Line, LineKey, Plot } from '../charts/plot';
import { Figure } from './figure';
import { Table } from './table';

export interface Group {
  label: string;
  slot: number;
  dash: number;
}

export const kTrialsDrawn = 12;

// All of the groups, or the first problem. Nothing where a group has no trial with the phase.
export function histogramsOf(groups: Trial[][], phase: string): Promise<client.Answer<Histogram[][]>> {
  return client.all(
    groups.map((trials) => client.all(trials.slice(0, kTrialsDrawn).map((t) => client.histogram(t.id, phase)))),
  );
}

export function useSpectra(lists: Histogram[][]): Spectra {
  return useMemo(() => spectraOf(lists), [lists]);
}

interface Props {
  title: string;
  groups: Group[];
  spectra: Spectra;
  note?: string;
}

export function SpectraFigure({ title, groups, spectra, note = '' }: Props) {
  const lines: Line[] = useMemo(
    () =>
      spectra.groups.flatMap((curve, i) => {
        const group = groups[i] as Group;
        const same = { slot: group.slot, label: group.label };
        return [
          { ...same, values: curve.low, edge: true },
          { ...same, values: curve.high, edge: true },
          { ...same, values: curve.middle, dash: group.dash },
        ];
      }),
    [spectra, groups],
  );
  const shown = lines.filter((line) => !line.edge);
  const last = spectra.percent[spectra.percent.length - 1] ?? 0;
  const said = spectra.groups
    .map((curve, i) => `${groups[i]?.label}: ${count(curve.answers)} responses in ${counted(curve.trials, 'trial')}`)
    .join('. ');
  return (
    <Figure
      wide
      title={title}
      sentence={`${said}. Drawn up to p${last}, the highest percentile that many responses support.${note === '' ? '' : ` ${note}`}`}
      reading={
        <>
          <LineKey lines={shown} />
          <span>Line: median over the trials. Area: minimum to maximum of them.</span>
        </>
      }
      table={
        <Table
          caption={`${title}: the median over the trials, and minimum to maximum.`}
          rows={spectra.percent.map((percent, i) => ({ percent, i }))}
          rowKey={(row) => String(row.percent)}
          columns={[
            {
              key: 'percent',
              title: 'Percentile',
              head: true,
              number: true,
              cell: (row) => ({ text: `p${row.percent}`, sort: row.percent }),
            },
            ...spectra.groups.map((curve, g) => ({
              key: String(g),
              title: groups[g]?.label ?? '',
              number: true,
              cell: ({ i }: { i: number }) => valueCell(curve.middle[i], curve.low[i], curve.high[i]),
            })),
          ]}
        />
      }
    >
      <Plot
        label={title}
        x={spectra.x}
        lines={lines}
        areas={spectra.groups.map((_, i) => ({ lower: 3 * i, upper: 3 * i + 1, slot: (groups[i] as Group).slot }))}
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

function valueCell(middle?: number | null, low?: number | null, high?: number | null) {
  if (middle === null || middle === undefined) return { text: '–' };
  return {
    text: withUnit('ns', middle),
    title: exact('ns', middle),
    small: `${withUnit('ns', low ?? middle)}–${withUnit('ns', high ?? middle)}`,
    sort: middle,
  };
}

export function percentileSplits(last: number): number[] {
  return [0, percentileToX(0.5), 1, 2, 3, 4, 5].filter((x) => x <= percentileToX(last / 100) + 0.01);
}

export function percentileText(x: number): string {
  if (Number.isInteger(Math.round(x * 1000) / 1000)) return percentileLabel(x);
  const percent = xToPercentile(x) * 100;
  return String(Number(percent.toFixed(percent > 99 ? 3 : 1)));
}
