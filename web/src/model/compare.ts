// Two sides set against each other, as the API compares them: what it decided, and in which words. `dyno compare` says the same. Pure.
import type { MetricName } from './metric';
import { type Run, shortId } from './run';
import { unitOf } from './summary';
import { caseTitle, phaseTitle, withoutBrackets, words } from './titles';
import { confidenceText, stamp, withUnit } from './units';

export interface ComparedSide {
  ref: string;
  runs: string[]; // newest first
  case?: string;
  created_at: string;
  environment_key: string;
  profile: string;
  nights?: { blocks: number }[]; // that are pooled
}

export interface Figured {
  value: number;
  n: number;
  ci95?: [number, number];
  range?: [number, number];
  validity: string;
  bound: string;
}

export interface Compared {
  case: string;
  stack: string;
  phase?: string;
  metric: MetricName;
  title: string;
  unit: string;
  better: string;
  a: Figured;
  b: Figured;
  design: string;
  n?: number;
  ratio?: number;
  ci95?: [number, number];
  confidence?: number; // of this interval
  band_percent: number;
  mde_percent?: number;
  decision?: string;
  doubt?: string;
}

export interface Difference {
  what: string;
  stack?: string;
  a?: string;
  b?: string;
  in_key: boolean;
}

export interface Comparison {
  a: ComparedSide;
  b: ComparedSide;
  same_environment: boolean;
  differences: Difference[];
  items: Compared[];
  decisions: { better: number; worse: number; same: number; inconclusive: number };
  look?: { blocks: number; blocks_at_most: number }; // of a run that went on until both sides were told apart
}

export type Verdict = 'worse' | 'better' | 'same' | 'open';

export const kVerdicts: { verdict: Verdict; title: string; sign: string }[] = [
  { verdict: 'worse', title: 'Worse', sign: '▼' },
  { verdict: 'better', title: 'Better', sign: '▲' },
  { verdict: 'same', title: 'No change', sign: '=' },
  { verdict: 'open', title: 'Open', sign: '○' },
];

// A metric of which neither more nor less is better is open, too.
export function verdictOf(one: Compared): Verdict {
  return one.decision === 'worse' || one.decision === 'better' || one.decision === 'same' ? one.decision : 'open';
}

const kSpace = '\u00a0';
const kManyTimes = 3; // from here on a factor reads better than a percentage
const kTrialsToDecide = 10;

// "+11 %", "−7.6 %", "3.2 times".
export function changeText(ratio: number): string {
  if (ratio >= kManyTimes) return `${ratio.toFixed(1)} times`;
  const percent = 100 * (ratio - 1);
  const text = Math.abs(percent).toFixed(Math.abs(percent) < 9.95 ? 1 : 0);
  if (text === '0.0') return `0.0${kSpace}%`;
  return `${percent < 0 ? '−' : '+'}${text}${kSpace}%`;
}

// "−7.6 % to +42 %".
export function intervalText(one: Compared): string {
  return one.ci95 === undefined ? '' : `${changeText(one.ci95[0])} to ${changeText(one.ci95[1])}`;
}

// "95 % interval", "99.3 % interval": of all these.
export function intervalTitle(items: Pick<Compared, 'ci95' | 'confidence'>[]): string {
  return `${confidenceText(items.find((one) => one.ci95 !== undefined)?.confidence ?? 0.95)} interval`;
}

// "Blocks: 14 of at most 40. Intervals: 99.5 %, so that stopping early errs no more often."; empty: no such comparison.
export function lookSentence({ look, items }: Pick<Comparison, 'look' | 'items'>): string {
  if (look === undefined) return '';
  const level = intervalTitle(items).replace(' interval', '');
  return `Blocks: ${look.blocks} of at most ${look.blocks_at_most}. Intervals: ${level}, so that stopping early errs no more often.`;
}

const kDoubts: Record<string, string> = {
  environment: 'another environment',
  invalid: 'a side is struck out',
  not_positive: 'no ratio of zero',
  few_trials: 'too few trials',
  degraded: 'a side is degraded',
  bound: 'limited from outside the stack',
  spread: 'not decided',
  few_nights: 'fewer than three nights',
  nights: 'nights differ',
};

export function doubtTitle(doubt: string): string {
  return kDoubts[doubt] ?? words(doubt);
}

// "no change", "worse", "too few trials (6 of 10)".
export function verdictText(one: Compared): string {
  if (one.decision === undefined) return 'neither is better';
  if (one.decision === 'same') return 'no change';
  if (one.decision !== 'inconclusive') return one.decision;
  if (one.doubt === 'few_trials') return `too few trials (${one.n ?? 0} of ${kTrialsToDecide})`;
  return doubtTitle(one.doubt ?? '');
}

export function placeTitle(one: Compared, among: readonly string[] = []): string {
  return one.phase === undefined ? 'trials as a whole' : phaseTitle(one.phase, among);
}

// The titles of stacks, where they are known.
export type Named = Pick<Run, 'stacks'>;
const kNameless: Named = { stacks: [] };

export function comparedCase(one: { case: string }, named: Named = kNameless): string {
  return caseTitle(named, one.case);
}

export function sideTitle(side: ComparedSide, named: Named = kNameless): string {
  const of = side.case === undefined ? '' : `${comparedCase({ case: side.case }, named)} of `;
  const nights = side.nights ?? [];
  if (nights.length > 1) {
    const blocks = nights.reduce((sum, night) => sum + night.blocks, 0);
    return `${of}${nights.length} nights up to ${stamp(side.created_at)} (${blocks} blocks)`;
  }
  if (side.runs.length !== 1) return `${of}the median of ${side.runs.length} runs up to ${stamp(side.created_at)}`;
  return `${of}run ${shortId(side.runs[0] as string)} (${stamp(side.created_at)})`;
}

// "9.8 %": of the difference, without its sign.
function sizeText(ratio: number): string {
  const percent = Math.abs(100 * (ratio - 1));
  return `${percent.toFixed(percent < 9.95 ? 1 : 0)}${kSpace}%`;
}

// What a change is called before the figures that changed so.
function changeWord(one: Compared, isWorse: boolean): string {
  if (one.metric.includes('_cpu_')) return isWorse ? 'More CPU time' : 'Less CPU time';
  if (one.unit === 'B') return isWorse ? 'More memory' : 'Less memory';
  if (one.unit === 'ns' || one.unit === '1/s') return isWorse ? 'Slower' : 'Faster';
  return isWorse ? 'Worse' : 'Better';
}

// "by 9.8 % (7.9 to 11 %)", "3.2 times as much (3.0 to 3.4)": the nearer end of the interval first.
function changeSize(one: Compared): string {
  if (one.ratio === undefined) return '';
  const isMany = one.ratio >= kManyTimes;
  const text = isMany ? `${one.ratio.toFixed(1)} times as much` : `by ${sizeText(one.ratio)}`;
  if (one.ci95 === undefined) return text;
  if (isMany) return `${text} (${one.ci95.map((end) => end.toFixed(1)).join(' to ')})`;
  const [near, far] = [...one.ci95].sort((a, b) => Math.abs(a - 1) - Math.abs(b - 1)) as [number, number];
  return `${text} (${sizeText(near).split(kSpace)[0]} to ${sizeText(far)})`;
}

function begunSmall(text: string): string {
  return /^[A-Z](?![A-Z])/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

const casesOf = (items: Compared[]) => new Set(items.map((one) => one.case));
const phasesOf = (items: Compared[]) => items.flatMap((one) => one.phase ?? []);

// "checkout · 32 connections, throughput".
function changedFigure(one: Compared, all: Comparison, named: Named): string {
  return [
    ...(casesOf(all.items).size > 1 ? [comparedCase(one, named)] : []),
    ...(one.phase === undefined ? [] : [phaseTitle(one.phase, phasesOf(all.items))]),
    begunSmall(withoutBrackets(one.title)),
  ].join(', ');
}

const kNamedChanges = 3; // of one kind; the table has them all

// One sentence for each word, the one with the largest change first.
function changeSentences(all: Comparison, isWorse: boolean, named: Named): string[] {
  const groups = new Map<string, string[]>();
  for (const one of arranged(all.items)) {
    if (one.decision !== (isWorse ? 'worse' : 'better')) continue;
    const word = changeWord(one, isWorse);
    groups.set(word, [...(groups.get(word) ?? []), `${changedFigure(one, all, named)} ${changeSize(one)}`]);
  }
  return [...groups].map(([word, changes]) => {
    const more = changes.length - kNamedChanges;
    const said = more > 0 ? [...changes.slice(0, kNamedChanges), `and ${more} more`] : changes;
    return `${word}: ${said.join('; ')}.`;
  });
}

const figures = (n: number) => (n === 1 ? '1 figure' : `${n} figures`);

function sameSentence(same: Compared[], isRest: boolean, hasChanges: boolean): string {
  const n = same.length;
  const farthest = Math.max(0, ...same.flatMap((one) => (one.ci95 ?? []).map((end) => Math.abs(end - 1))));
  const rest = `${n === 1 ? 'does' : 'do'} not differ by more than ${sizeText(1 + farthest)}.`;
  if (!hasChanges) return `No change: ${figures(n)} ${rest}`;
  if (isRest) return `The other ${n === 1 ? 'one' : n} ${rest}`;
  return `${n === 1 ? '1 other' : `${n} others`} ${rest}`;
}

function openSentence(open: Compared[], isAll: boolean): string {
  const reasons = new Map<string, number>();
  for (const one of open) {
    const reason = one.doubt === 'spread' ? 'too wide an interval' : doubtTitle(one.doubt ?? '');
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const why = [...reasons]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, n]) => (reasons.size === 1 ? reason : `${n} ${reason}`))
    .join(', ');
  const verb = open.length === 1 ? 'is' : 'are';
  return isAll
    ? `Nothing is decided: ${figures(open.length)} ${verb} open (${why}).`
    : `${open.length} ${verb} open: ${why}.`;
}

// "Slower: checkout · 32 connections, throughput by 9.8 % (7.9 to 11 %).", "The other 14 do not differ by more than 2.9 %."; never none.
export function outcomeSentences(all: Comparison, named: Named = kNameless): string[] {
  const sentences = [...changeSentences(all, true, named), ...changeSentences(all, false, named)];
  const same = all.items.filter((one) => one.decision === 'same');
  const open = all.items.filter((one) => one.decision === 'inconclusive');
  if (same.length > 0) sentences.push(sameSentence(same, open.length === 0, sentences.length > 0));
  if (open.length > 0) sentences.push(openSentence(open, sentences.length === 0));
  return sentences.length > 0 ? sentences : ['Nothing here is better or worse.'];
}

// The outcome, and what keeps the rest from being decided.
export function verdictSentences(all: Comparison, named: Named = kNameless): string[] {
  const sentences = outcomeSentences(all, named);
  if (!all.same_environment) sentences.push('The environments differ, so nothing can be decided.');
  const few = all.items.filter((one) => one.doubt === 'few_trials');
  if (few.length > 0) {
    const fewest = Math.min(...few.map((one) => one.n ?? 0));
    sentences.push(`A decision needs ${kTrialsToDecide} trials on each side; the fewest here are ${fewest}.`);
  }
  return sentences;
}

// Worse first, then better, then open, then what did not change; within each the largest change first.
const kOrder: Verdict[] = ['worse', 'better', 'open', 'same'];

export function arranged(items: Compared[]): Compared[] {
  const size = (one: Compared) => (one.ratio === undefined ? -1 : Math.abs(Math.log(one.ratio)));
  return [...items].sort((a, b) => kOrder.indexOf(verdictOf(a)) - kOrder.indexOf(verdictOf(b)) || size(b) - size(a));
}

// The cells that can be looked at closely: a case in a phase.
export interface Cell {
  case: string;
  phase: string;
}

export function cellsOf(items: Compared[]): Cell[] {
  const seen = new Map<string, Cell>();
  for (const one of items)
    if (one.phase !== undefined) seen.set(`${one.case} ${one.phase}`, { case: one.case, phase: one.phase });
  return [...seen.values()];
}

// "Fastify, JSON · 32 connections"; where one case stands against another, which are named with the sides, the phase alone.
export function cellTitle(all: Comparison, cell: Cell, among: readonly string[], named: Named = kNameless): string {
  const phase = phaseTitle(cell.phase, among);
  return all.b.case === undefined ? `${comparedCase(cell, named)}, ${phase}` : phase;
}

export function sideValue(one: Compared, side: Figured): string {
  const mark = side.validity === 'invalid' ? ' ✗' : side.validity === 'degraded' ? ' ~' : '';
  return side.n === 0 ? '–' : withUnit(unitOf(one), side.value) + mark;
}

export function detectableText(one: Compared): string {
  if (one.mde_percent === undefined) return '–';
  return `${one.mde_percent.toFixed(one.mde_percent < 10 ? 1 : 0)}${kSpace}%`;
}

// What could break a table or be taken for a tag.
function plainText(text: string): string {
  return text
    .replace(/[\u00a0\u202f\r\n]/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;');
}

function rowsMarkdown(all: Comparison, rows: Compared[], named: Named): string[] {
  const withCase = casesOf(all.items).size > 1;
  const phases = phasesOf(all.items);
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const lines = [
    `|${withCase ? ' Stack |' : ''} Workload | Figure | Before | After | Change (${intervalTitle(all.items)}) | Decision | Least change that could be seen |`,
    `|${withCase ? '---|' : ''}---|---|--:|--:|--:|---|--:|`,
  ];
  for (const one of rows) {
    const interval = intervalText(one);
    const change = one.ratio === undefined ? '–' : changeText(one.ratio);
    lines.push(
      line([
        ...(withCase ? [plainText(comparedCase(one, named))] : []),
        plainText(placeTitle(one, phases)),
        plainText(withoutBrackets(one.title)),
        plainText(`${sideValue(one, one.a)}, n = ${one.a.n}`),
        plainText(`${sideValue(one, one.b)}, n = ${one.b.n}`),
        plainText(interval === '' ? change : `${change} (${interval})`),
        one.decision === 'worse' ? '**worse**' : plainText(verdictText(one)),
        plainText(detectableText(one)),
      ]),
    );
  }
  return lines;
}

function sideLink(side: ComparedSide, server: string, named: Named): string {
  const text = plainText(sideTitle(side, named));
  return side.runs.length === 1 && server !== '' ? `[${text}](${server}/runs/${side.runs[0]})` : text;
}

function differenceLine(one: Difference): string {
  const of = one.stack === undefined ? '' : `${one.stack}, `;
  const change = `${one.a ?? '(none)'} → ${one.b ?? '(none)'}${one.in_key ? ' (not comparable)' : ''}`;
  return plainText(`${of}${words(one.what)}: ${change}`);
}

export interface Links {
  server: string; // where the runs are shown
  page: string; // of this comparison
}

// For a pull request, as `dyno compare -o markdown` writes it: the outcome, the rows, and folded what was measured how.
export function markdownOf(all: Comparison, rows: Compared[], links: Links, named: Named = kNameless): string {
  const isPaired = all.items[0]?.design === 'paired';
  return [
    `**${plainText(outcomeSentences(all, named).join(' '))}**`,
    '',
    ...rowsMarkdown(all, rows, named),
    '',
    '<details>',
    '<summary>How it was measured</summary>',
    '',
    `- Before: ${sideLink(all.a, links.server, named)}. After: ${sideLink(all.b, links.server, named)}. Profile ${plainText(all.b.profile)}.`,
    isPaired
      ? '- Both were measured in the same blocks of one run, in random order; a change is that of their pairs.'
      : '- They were measured in different runs; a change is that of their trials.',
    ...(all.look === undefined ? [] : [`- ${lookSentence(all)}`]),
    '- The last column is the least change that four of five such comparisons decide.',
    ...(all.differences.length === 0
      ? ['- The machine and the images were the same.']
      : all.differences.map((one) => `- Different: ${differenceLine(one)}`)),
    ...(links.page === '' ? [] : [`- [All figures and charts](${links.page})`]),
    '',
    '</details>',
    '',
  ].join('\n');
}

export function differenceTitle(one: Difference): string {
  return one.stack === undefined ? words(one.what) : `${one.stack}: ${words(one.what)}`;
}

export function differencesSentence(all: Comparison): string {
  if (all.differences.length === 0) return 'The machine and the images were the same.';
  const named = all.differences.map(
    (one) =>
      `${differenceTitle(one)} ${one.a ?? '(none)'} → ${one.b ?? '(none)'}${one.in_key ? ' (not comparable)' : ''}`,
  );
  return `Different: ${named.join('; ')}.`;
}
