// What a run's stacks have to reach, and what the run says of it. `dyno` uses the same words. Pure.
import type { MetricName } from './metric';
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

// "24.1 ms (23.0–25.3)", of an undecided one with the reason: "640 ms: too few trials (3 of 6)".
export function objectiveFinding(one: Pick<Objective, 'unit' | 'value' | 'ci95_low' | 'ci95_high' | 'reason'>): string {
  const unit = one.unit as Unit;
  let text = one.value === undefined ? '' : withUnit(unit, one.value);
  if (one.value !== undefined && one.ci95_low !== undefined && one.ci95_high !== undefined)
    text += ` (${spreadText(scaleFor(unit, one.value), one.ci95_low, one.ci95_high)})`;
  if (one.reason === undefined) return text;
  return text === '' ? one.reason : `${text}: ${one.reason}`;
}

// "Intervals: 95 %.", of a run that its own data may end "Intervals: 99.3 %, so that stopping early errs no more often."
export function objectiveIntervals(items: Pick<Objective, 'confidence'>[]): string {
  const usual = confidenceText(0.95);
  const text = confidenceText(items.find((one) => one.confidence !== undefined)?.confidence ?? 0.95);
  return `Intervals: ${text}${text === usual ? '' : ', so that stopping early errs no more often'}.`;
}
