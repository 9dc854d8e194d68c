// The run at a glance: stacks × phases, each cell the figure of its phase as a share of the best one, with its verdict; and which stacks lead a
// phase together, as pairs of trials decide it. Pure.
import { type Board, boardOf, type Entry } from './board';
import { type Compared, changeText, intervalText, intervalTitle, verdictText } from './compare';
import type { Run } from './run';
import { gateTexts, isLowerBound, isRanked, type Summary, type SummaryList, standingOf, valueText } from './summary';
import { significant } from './units';

export type Mark = 'best' | 'tied' | 'invalid' | 'degraded' | 'bound' | 'apart' | 'absent';

export interface Cell {
  phase: string;
  text: string; // "1", "0.87×", "–"
  value: string; // as it was measured
  marks: Mark[];
  reason: string; // why it is marked or absent
  share: number | undefined; // of the best, 1 at most
}

export interface MatrixRow {
  entry: Entry;
  cells: Cell[];
}

export interface Matrix {
  phases: string[];
  boards: Map<string, Board>;
  rows: MatrixRow[];
}

export function matrixOf(run: Run, list: SummaryList, phases: string[]): Matrix {
  const boards = new Map(phases.map((phase) => [phase, boardOf(run, { ...list, phases }, phase)]));
  const cells = phases.map((phase) => cellsOf(boards.get(phase) as Board));
  const rows = [...(boards.get(phases[0] ?? '')?.entries ?? [])].map((entry) => ({
    entry,
    cells: cells.map((of, i) => of.get(entry.case) ?? absentCell(phases[i] as string, 'not measured')),
  }));
  // Who is near the best in most phases comes first; tuned stacks after the others.
  const sums = new Map(rows.map((row) => [row, row.cells.reduce((sum, cell) => sum + (cell.share ?? 0), 0)]));
  rows.sort(
    (a, b) =>
      Number(a.entry.tuned) - Number(b.entry.tuned) ||
      (sums.get(b) ?? 0) - (sums.get(a) ?? 0) ||
      (a.entry.case < b.entry.case ? -1 : 1),
  );
  return { phases, boards, rows };
}

export function bestOf(board: Board): Entry | undefined {
  if (board.ownRates) return undefined;
  return board.entries.find((entry) => {
    const summary = entry.of.get(board.headline);
    return summary !== undefined && isRanked(summary) && !entry.tuned;
  });
}

function cellsOf(board: Board): Map<string, Cell> {
  const phase = board.phase ?? '';
  const best = bestOf(board)?.of.get(board.headline);
  const gaps = new Map(board.gaps.map((gap) => [gap.case, gap.reason]));
  return new Map(
    board.entries.map((entry) => {
      const summary = entry.of.get(board.headline);
      if (summary === undefined) return [entry.case, absentCell(phase, gaps.get(entry.case) ?? 'not measured')];
      const share = isRanked(summary) && best !== undefined ? shareOf(summary, best) : undefined;
      const text =
        share === undefined ? valueText(summary) : `${isLowerBound(summary) ? '≥' : ''}${significant(share, 2)}×`;
      return [
        entry.case,
        {
          phase,
          text,
          value: valueText(summary),
          marks: marksOf(summary, best),
          reason: gateTexts(summary).join(' '),
          share,
        },
      ];
    }),
  );
}

function absentCell(phase: string, reason: string): Cell {
  return { phase, text: '–', value: '–', marks: ['absent'], reason, share: undefined };
}

// 1 is the best; half as good is 0.5, whichever way is better.
function shareOf(summary: Summary, best: Summary): number | undefined {
  const share = best.better === 'lower' ? best.value / summary.value : summary.value / best.value;
  return Number.isFinite(share) ? share : undefined;
}

function marksOf(summary: Summary, best: Summary | undefined): Mark[] {
  const marks: Mark[] = [];
  if (summary === best) marks.push('best');
  if (summary.validity === 'invalid') marks.push('invalid');
  if (summary.validity === 'degraded') marks.push('degraded');
  if (isLowerBound(summary) || !isRanked(summary)) {
    if (summary.bound === 'loader' || summary.bound === 'database') marks.push('bound');
  }
  if (standingOf(summary) === 'apart') marks.push('apart');
  return marks;
}

// Those that may be as good as the best: what pairs of trials have to decide. Few enough to be asked for one by one.
const kNear = 0.8;
const kMostRivals = 4;

export function rivalsOf(board: Board): string[] {
  const best = bestOf(board);
  const summary = best?.of.get(board.headline);
  if (best === undefined || summary === undefined) return [];
  return board.entries
    .filter((entry) => {
      const own = entry.of.get(board.headline);
      return (
        entry !== best && !entry.tuned && own !== undefined && isRanked(own) && (shareOf(own, summary) ?? 0) >= kNear
      );
    })
    .slice(0, kMostRivals)
    .map((entry) => entry.case);
}

export interface Lead {
  phase: string;
  best: string;
  group: string[]; // that the pairs do not tell from the best, itself first
  undecided: string | undefined; // why nothing is decided
}

// Which pairs have to be asked for: each rival of a phase against its best.
export function pairsOf(matrix: Matrix, most: number): { best: string; rival: string }[] {
  const pairs = new Map<string, { best: string; rival: string }>();
  for (const board of matrix.boards.values()) {
    const best = bestOf(board)?.case;
    if (best === undefined) continue;
    for (const rival of rivalsOf(board)) pairs.set(`${best} ${rival}`, { best, rival });
  }
  return [...pairs.values()].slice(0, most);
}

// `pairs`: each rival against the best, as the API decided.
export function leadOf(board: Board, pairs: Map<string, Compared>): Lead | undefined {
  const best = bestOf(board);
  const rivals = rivalsOf(board);
  if (best === undefined || board.phase === undefined || !rivals.every((name) => pairs.has(name))) return undefined;
  const open = rivals.filter((name) => pairs.get(name)?.decision !== 'worse');
  const doubts = open.map((name) => pairs.get(name)?.doubt);
  const few = doubts.length > 0 && doubts.every((doubt) => doubt === 'few_trials');
  return {
    phase: board.phase,
    best: best.case,
    group: [best.case, ...open],
    undecided: few ? 'too few trials to tell them apart' : undefined,
  };
}

// "Not told apart from it, pair by pair: Fastify (−2.1 %, 95 % interval −5.0 % to +1.0 %)."
export function leadWords(lead: Lead, pairs: Map<string, Compared>, title: (name: string) => string): string {
  const [, ...tied] = lead.group;
  if (tied.length === 0) return 'Pair by pair, every other one is decided to be behind it, or is far behind.';
  const said = tied.map((name) => {
    const pair = pairs.get(name);
    const ends = pair === undefined ? '' : intervalText(pair);
    const interval = pair === undefined || ends === '' ? '' : `, ${intervalTitle([pair])} ${ends}`;
    const change = pair?.ratio === undefined ? '' : changeText(pair.ratio);
    return `${title(name)} (${change}${interval}; ${pair === undefined ? '' : verdictText(pair)})`;
  });
  return `Not told apart from it, pair by pair: ${said.join(', ')}.`;
}
