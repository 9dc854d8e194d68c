// What a run's stacks have to reach, and what the run says of it. `dyno` uses the same words. Pure.
import type { MetricName } from './metric';
import { phaseTitle } from './titles';
import { confidenceText, scaleFor, spreadText, type Unit, withUnit } from './units';

export interface Objective {
  case: string;
  stack: string;
  objective: string; // the sentence of its file
  state: string; // kept, broken, undecided
  reason?: string; // of an undecided one
  phase?: string;
  metric: MetricName;
  title: string;
  unit: string;
  side: string;
  limit: number;
  value?: number;
  n: number;
  ci95_low?: number;
  ci95_high?: number;
  confidence?: number; // of the interval
  other_phases?: string[]; // that the sentence may mean as well: the first of the profile is judged
  file: string;
  line: number;
}

export interface ObjectiveList {
  run: string;
  items: Objective[];
}

const kStates = ['broken', 'undecided', 'kept'];

export const kObjectiveTags: Record<string, string> = { broken: 'bad', undecided: 'warn', kept: 'good' };

// Broken ones first.
export function objectivesInOrder(items: Objective[]): Objective[] {
  return [...items].sort((a, b) => kStates.indexOf(a.state) - kStates.indexOf(b.state));
}

// "Objectives: 2 kept, 1 broken.".
export function objectivesSentence(items: Objective[]): string {
  const counts = kStates.flatMap((state) => {
    const n = items.filter((one) => one.state === state).length;
    return n === 0 ? [] : [`${n} ${state}`];
  });
  return `Objectives: ${counts.join(', ')}.`;
}

type Finding = Pick<Objective, 'unit' | 'value' | 'ci95_low' | 'ci95_high' | 'reason' | 'phase' | 'other_phases'>;

// "24.1 ms (23.0–25.3)", of an undecided one with the reason: "640 ms: too few trials (3 of 6)". Where the profile has several phases that the
// sentence may mean, the one that is judged: "312/s (305–319), in list · 32 connections (list · 64 connections fits, too)".
export function objectiveFinding(one: Finding): string {
  const unit = one.unit as Unit;
  let text = one.value === undefined ? '' : withUnit(unit, one.value);
  if (one.value !== undefined && one.ci95_low !== undefined && one.ci95_high !== undefined)
    text += ` (${spreadText(scaleFor(unit, one.value), one.ci95_low, one.ci95_high)})`;
  if (one.other_phases !== undefined)
    text += `${text === '' ? '' : ', '}${whichPhase(one.phase ?? '', one.other_phases)}`;
  if (one.reason === undefined) return text;
  return text === '' ? one.reason : `${text}: ${one.reason}`;
}

function whichPhase(phase: string, others: string[]): string {
  const all = [phase, ...others];
  const titles = others.map((one) => phaseTitle(one, all)).join('; ');
  return `in ${phaseTitle(phase, all)} (${titles} ${others.length === 1 ? 'fits' : 'fit'}, too)`;
}

// "Intervals: 95 %.", of a run that its own data may end "Intervals: 99.3 %, so that stopping early errs no more often."
export function objectiveIntervals(items: Pick<Objective, 'confidence'>[]): string {
  const usual = confidenceText(0.95);
  const text = confidenceText(items.find((one) => one.confidence !== undefined)?.confidence ?? 0.95);
  return `Intervals: ${text}${text === usual ? '' : ', so that stopping early errs no more often'}.`;
}
