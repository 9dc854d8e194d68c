// All stacks in order, as the API ranks them: places that each may have, ties, and what has no place. Pure.
import type { MetricName } from './metric';
import type { Pool } from './pool';
import { kLeaderboardFilters, type LeaderboardFilter, type LeaderboardRoute, listed } from './route';
import { whiskerKey } from './sentences';
import { explainBound, isLowerBound, rangeText, type Statistic, spreadOf, unitOf, valueText } from './summary';
import { boundTitle, caseTitle, limitTitle, phaseTitle, withoutBrackets, words } from './titles';
import { counted, exact, significant } from './units';

export interface Ranked {
  case: string;
  stack: string;
  title: string;
  language: string;
  class: string;
  mode: string;
  value?: number; // absent: of several workloads, of which only ratios have a meaning
  ci95?: [number, number];
  range?: [number, number];
  validity?: string;
  bound?: string;
  n: number; // trials, or blocks of several workloads
  nights: number;
  nights_differ: boolean;
  standing: string;
  why?: string;
  rank?: [number, number];
  group?: number;
  ratio?: number; // to the first row
  ratio_ci95?: [number, number];
  run: string;
  at: string;
}

export interface Ranking {
  phase?: string;
  workload?: string;
  phases?: string[]; // of several workloads
  metric: MetricName;
  title: string;
  unit: string;
  better: string;
  ranked: number;
  pairs: number;
  rows: Ranked[];
}

export interface Leaderboard {
  profile: string;
  environment_key: string;
  at: string;
  pool?: Pool;
  boards: Ranking[];
  overall: Ranking[];
}

// Several workloads first. `key` stands in the address.
export function rankingsOf(all: Leaderboard): { key: string; ranking: Ranking }[] {
  const several = all.overall.map((ranking) => ({
    key: all.overall.length === 1 ? kSeveral : `${kSeveral}/${ranking.metric}`,
    ranking,
  }));
  return [...several, ...all.boards.map((ranking) => ({ key: ranking.phase ?? kTrials, ranking }))];
}

const kSeveral = 'all';
const kTrials = 'trials';

export function rankingTitle(ranking: Ranking, all: Leaderboard): string {
  if (ranking.phases !== undefined) {
    const several = all.overall.length === 1 ? '' : `: ${withoutBrackets(ranking.title)}`;
    return `All ${ranking.phases.length} workloads${several}`;
  }
  if (ranking.phase === undefined) return 'Trials as a whole';
  return phaseTitle(
    ranking.phase,
    all.boards.flatMap((each) => each.phase ?? []),
  );
}

export function rankedTitle(row: Ranked): string {
  return caseTitle({ stacks: [{ name: row.stack, title: row.title }] }, row.case);
}

// "1", "2–4": the places that it may have.
export function placeText(row: Ranked): string {
  if (row.rank === undefined) return '–';
  const [best, worst] = row.rank;
  return best === worst ? String(best) : `${best}–${worst}`;
}

// What is drawn of a row: its value with the spread, or of several workloads its ratio to the first with the interval, in percent.
export function drawnOf(ranking: Ranking, row: Ranked): Statistic | undefined {
  const { metric, unit } = ranking;
  const { value, ratio, ratio_ci95: interval, bound = 'none' } = row;
  if (ranking.phases === undefined) return value === undefined ? undefined : { ...row, metric, unit, value, bound };
  if (ratio === undefined) return undefined;
  const drawn: Statistic = { metric, unit: '%', value: 100 * ratio, bound };
  return interval === undefined ? drawn : { ...drawn, ci95: [100 * interval[0], 100 * interval[1]] };
}

const kManyTimes = 3; // from here on a factor reads better than a percentage

// "84 %", "3.2 times".
function shareText(ratio: number): string {
  if (ratio >= kManyTimes) return `${significant(ratio)} times`;
  return `${(100 * ratio).toFixed(0)}\u00a0%`;
}

// "84 % (81–87)", "3.2 times (3.1–3.3)": of the first; empty for the first itself.
export function ratioText(row: Ranked): string {
  if (row.ratio === undefined || (row.ratio === 1 && row.ratio_ci95 === undefined)) return '';
  const spread = ratioSpread(row);
  return spread === '' ? shareText(row.ratio) : `${shareText(row.ratio)} (${spread})`;
}

// In the unit of the ratio that it belongs to.
function ratioSpread(row: Ranked): string {
  if (row.ratio === undefined || row.ratio_ci95 === undefined) return '';
  const many = row.ratio >= kManyTimes;
  return row.ratio_ci95.map((end) => (many ? significant(end) : (100 * end).toFixed(0))).join('–');
}

export function isBound(ranking: Ranking, row: Ranked): boolean {
  return isLowerBound({ metric: ranking.metric, bound: row.bound ?? 'none' });
}

export function rankedValue(ranking: Ranking, row: Ranked): string {
  if (ranking.phases !== undefined) return row.ratio === undefined ? '–' : shareText(row.ratio);
  const drawn = drawnOf(ranking, row);
  return drawn === undefined || row.n === 0 ? '–' : valueText(drawn);
}

// For tooltips. A ratio as the API has it.
export function rankedExact(ranking: Ranking, row: Ranked): string | undefined {
  const [unit, value] = ranking.phases === undefined ? [unitOf(ranking), row.value] : (['1', row.ratio] as const);
  return value === undefined ? undefined : exact(unit, value);
}

export function rankedSpread(ranking: Ranking, row: Ranked): string {
  if (row.n === 0) return '';
  if (ranking.phases !== undefined) return ratioSpread(row);
  const drawn = drawnOf(ranking, row);
  return (drawn && rangeText(drawn)) ?? '';
}

// "12 trials of 3 nights".
export function restsText(ranking: Ranking, row: Ranked): string {
  const trials = counted(row.n, ranking.phases === undefined ? 'trial' : 'block');
  return row.nights > 1 ? `${trials} of ${row.nights} nights` : trials;
}

const kWhy: Record<string, [string, string]> = {
  class: ['tuned', 'Tuned stacks are not ranked with those that are set up as their frameworks’ guides say.'],
  own_rate: ['a rate of its own', 'Each stack ran at a rate of its own, a share of its own maximum.'],
  invalid: ['struck out', 'No trial passed the quality gates.'],
  not_positive: ['no ratio of zero', 'A value that is not positive has no ratio to the others.'],
};

// Others are limits.
export function whyTitle(why: string): string {
  return kWhy[why]?.[0] ?? (explainBound(why) === '' ? words(why) : limitTitle(why));
}

export function whyWords(why: string): string {
  return kWhy[why]?.[1] ?? explainBound(why);
}

// Rows that are not told apart stand together; each row without a tie by itself. Those without a place come last.
export interface Tie {
  group: number | undefined; // none: without a place
  rows: Ranked[];
}

export function tiesOf(rows: Ranked[]): Tie[] {
  const ties: Tie[] = [];
  for (const row of rows) {
    const last = ties[ties.length - 1];
    if (last !== undefined && last.group === row.group) last.rows.push(row);
    else ties.push({ group: row.group, rows: [row] });
  }
  return ties;
}

// The places of all rows of a tie together.
export function tiePlaces({ rows }: Tie): string {
  const ranks = rows.flatMap((row) => row.rank ?? []);
  const [best, worst] = [Math.min(...ranks), Math.max(...ranks)];
  return best === worst ? `place ${best}` : `places ${best}–${worst}`;
}

// What is said above the picture: who is first, with whom, and what has no place.
export function rankingSentence(ranking: Ranking): string {
  const [first] = ranking.rows;
  if (first?.rank === undefined) return `No ranking: ${unplacedWords(ranking)}.`;
  const lead = leadWords(ranking, first);
  const unplaced = ranking.rows.length - ranking.ranked;
  const rest = unplaced === 0 ? '' : ` Without a place: ${unplacedWords(ranking)}.`;
  return `${lead}${rest}`;
}

function leadWords(ranking: Ranking, first: Ranked): string {
  const name = rankedTitle(first);
  const value = ranking.phases === undefined ? ` with ${rankedValue(ranking, first)}` : '';
  if (ranking.ranked === 1) return `${name}${value} is the only one with a place.`;
  const tied = ranking.rows.filter((row) => row.rank !== undefined && row.rank[0] === 1);
  if (tied.length === ranking.ranked)
    return `${name}${value} has the best value; the trials do not tell the ${ranking.ranked} apart.`;
  if (first.rank?.[1] === 1) return `${name}${value} is ahead of all ${ranking.ranked - 1} others.`;
  if (tied.length === 1) return `${name}${value} is first.`;
  return `The first place is open between ${tied.length} of ${ranking.ranked}: ${tied.map(rankedTitle).join(', ')}.`;
}

function unplacedWords(ranking: Ranking): string {
  const reasons = new Map<string, number>();
  for (const row of ranking.rows) {
    if (row.rank !== undefined) continue;
    const title = whyTitle(row.why ?? 'no reason');
    reasons.set(title, (reasons.get(title) ?? 0) + 1);
  }
  return reasons.size === 0 ? 'nothing was measured' : [...reasons].map(([title, n]) => `${n} ${title}`).join(', ');
}

// How the marks are read.
export function readingOf(ranking: Ranking): string {
  const share = 'as a share of the first, with its 95 % interval where there is one';
  if (ranking.phases !== undefined) return `Bar: ${share}.`;
  const spread = ranking.rows.filter((row) => drawnOf(ranking, row) !== undefined && spreadOf(row) !== undefined);
  return spread.length === 0 ? `Percentage: ${share}.` : `Percentage: ${share}. ${whiskerKey(spread)}`;
}

// What can be filtered by, as all rows have it.
export interface Choice {
  value: string;
  title: string;
}

export const kFilterTitles: Record<LeaderboardFilter, string> = {
  language: 'Language',
  class: 'Class',
  mode: 'Mode',
  workload: 'Workload',
  validity: 'Verdict',
  bound: 'Limited by',
};

export function choicesOf(all: Leaderboard, filter: LeaderboardFilter): Choice[] {
  const values = new Set<string>();
  for (const ranking of all.boards) {
    if (filter === 'workload') values.add(ranking.workload ?? '');
    else for (const row of ranking.rows) values.add(row[filter] ?? '');
  }
  return [...values]
    .filter((value) => value !== '')
    .sort()
    .map((value) => ({ value, title: choiceTitle(filter, value) }));
}

export function choiceTitle(filter: LeaderboardFilter, value: string): string {
  if (filter === 'workload') return phaseTitle(value);
  if (filter === 'bound') return boundTitle(value) || 'nothing known';
  return words(value);
}

export function chosenIn(route: LeaderboardRoute, filter: LeaderboardFilter): string[] {
  return listed(route[filter]);
}

export function isFiltered(route: LeaderboardRoute): boolean {
  return kLeaderboardFilters.some((filter) => chosenIn(route, filter).length > 0);
}

// With a value more or one fewer, in the order of the choices.
export function toggled(route: LeaderboardRoute, filter: LeaderboardFilter, value: string): LeaderboardRoute {
  const now = chosenIn(route, filter);
  const next = now.includes(value) ? now.filter((each) => each !== value) : [...now, value].sort();
  return { ...route, [filter]: next.join(',') };
}
