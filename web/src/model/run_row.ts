// What a run says in one line of a list: who won, how sound its figures are, and what changed since the run before. Pure.
import { isMetric, kMetrics } from './metric';
import type { Change, Run, Winner } from './run';
import { caseTitle, phaseTitle } from './titles';
import { withUnit } from './units';

export function winnerWords(run: Run, winner: Winner): string {
  const title = caseTitle(run, winner.case);
  const unit = isMetric(winner.metric) ? kMetrics[winner.metric] : 'count';
  const value = winner.value === undefined ? '' : ` with ${withUnit(unit, winner.value)}`;
  const trials = winner.n === 1 ? '1 trial' : `${winner.n} trials`;
  const said = `${title}${value} (${trials}), ${phaseTitle(winner.phase)}`;
  return winner.is_clear ? `Ahead of all others: ${said}` : `Best value: ${said}; not decided against all others`;
}

export function verdictWords({ valid, degraded, invalid }: NonNullable<Run['verdicts']>): string {
  const marked = [degraded > 0 ? `${degraded} degraded` : '', invalid > 0 ? `${invalid} struck out` : ''].filter(
    Boolean,
  );
  const all = valid + degraded + invalid;
  return marked.length === 0 ? `all ${all} figures valid` : `of ${all} figures ${marked.join(', ')}`;
}

export function changeWords({ better, worse, same, inconclusive }: Change): string {
  const decided = [worse > 0 ? `${worse} worse` : '', better > 0 ? `${better} better` : ''].filter(Boolean);
  if (decided.length > 0) return `${decided.join(', ')} than the run before`;
  return same > 0 && inconclusive === 0 ? 'no change since the run before' : 'nothing decided against the run before';
}
