// Two sides set against each other, as the API compares them: what it decided, and in which words. `dyno compare` says the same. Pure.
import type { MetricName } from './metric';
import { type Run, shortId } from './run';
import { unitOf } from './summary';
import { caseTitle, phaseTitle, withoutBrackets, words } from './titles';
import { count, stamp, withUnit } from './units';

export interface ComparedSide {
  ref: string;
  runs: string[]; // newest first
  case?: string;
  created_at: string;
  environment_key: string;
  profile: string;
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
}

// What a person wants to see first; every figure is there on request.
export const kHeadlines: MetricName[] = [
  'throughput_per_s',
  'latency_p99_ns',
  'delivery_p99_ns',
  'app_cpu_ns_per_request',
  'app_startup_ns',
  'idle_pss_bytes',
  'loaded_private_median_bytes',
];

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

const kDoubts: Record<string, string> = {
  environment: 'another environment',
  invalid: 'a side is struck out',
  not_positive: 'no ratio of zero',
  few_trials: 'too few trials',
  degraded: 'a side is degraded',
  bound: 'limited from outside the stack',
  spread: 'not decided',
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
  if (side.runs.length !== 1) return `${of}the median of ${side.runs.length} runs up to ${stamp(side.created_at)}`;
  return `${of}run ${shortId(side.runs[0] as string)} (${stamp(side.created_at)})`;
}

// The verdict in words: what was decided, and what keeps the rest from being decided.
export function verdictSentences(all: Comparison): string[] {
  const { better, worse, same, inconclusive } = all.decisions;
  const figures = (n: number) => (n === 1 ? '1 figure' : `${count(n)} figures`);
  const decided = [
    worse > 0 ? `${figures(worse)} worse` : '',
    better > 0 ? `${figures(better)} better` : '',
    same > 0 ? `${figures(same)} without a change` : '',
  ].filter(Boolean);
  const sentences = [decided.length === 0 ? 'Nothing is decided.' : `${decided.join(', ')}.`];
  if (inconclusive > 0) sentences.push(`${figures(inconclusive)} open: ${openReasons(all)}.`);
  if (!all.same_environment) sentences.push('The environments differ, so nothing can be decided.');
  const few = all.items.filter((one) => one.doubt === 'few_trials');
  if (few.length > 0) {
    const fewest = Math.min(...few.map((one) => one.n ?? 0));
    sentences.push(`A decision needs ${kTrialsToDecide} trials on each side; the fewest here are ${fewest}.`);
  }
  return sentences;
}

function openReasons(all: Comparison): string {
  const reasons = new Map<string, number>();
  for (const one of all.items) {
    if (one.decision !== 'inconclusive') continue;
    const reason = doubtTitle(one.doubt ?? '');
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return [...reasons].map(([reason, n]) => (reasons.size === 1 ? reason : `${count(n)} ${reason}`)).join(', ');
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

export function sideValue(one: Compared, side: Figured): string {
  const mark = side.validity === 'invalid' ? ' ✗' : side.validity === 'degraded' ? ' ~' : '';
  return side.n === 0 ? '–' : withUnit(unitOf(one), side.value) + mark;
}

export function detectableText(one: Compared): string {
  if (one.mde_percent === undefined) return '–';
  return `${one.mde_percent.toFixed(one.mde_percent < 10 ? 1 : 0)}${kSpace}%`;
}

// For a pull request: the verdict, the rows, what was another.
export function markdownOf(all: Comparison, rows: Compared[], link: string, named: Named = kNameless): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ');
  const phases = [...new Set(all.items.flatMap((one) => one.phase ?? []))];
  const lines = [
    `**${cell(verdictSentences(all).join(' '))}**`,
    '',
    cell(`Before: ${sideTitle(all.a, named)}. After: ${sideTitle(all.b, named)}. Profile ${all.b.profile}. <${link}>`),
    '',
    '| Stack | Phase | Figure | Before | After | Change (95 % interval) | Needs | Verdict |',
    '|---|---|---|--:|--:|--:|--:|---|',
  ];
  for (const one of rows) {
    const change = one.ratio === undefined ? '–' : changeText(one.ratio);
    const interval = intervalText(one);
    const columns = [
      comparedCase(one, named),
      placeTitle(one, phases),
      withoutBrackets(one.title),
      `${sideValue(one, one.a)}, n = ${one.a.n}`,
      `${sideValue(one, one.b)}, n = ${one.b.n}`,
      interval === '' ? change : `${change} (${interval})`,
      detectableText(one),
      verdictText(one),
    ];
    lines.push(`| ${columns.map(cell).join(' | ')} |`);
  }
  lines.push('', cell(differencesSentence(all)));
  return `${lines.join('\n')}\n`;
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
