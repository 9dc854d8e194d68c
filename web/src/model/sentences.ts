// The one computed sentence of a chart: what a reader would say after looking at it, and no more than the numbers allow.
import { type Entry, sorted, standing } from './board';
import { type Summary, spreadOf, standingOf, unitOf } from './summary';
import { significant, withUnit } from './units';

export function leadSentence(entries: Entry[], metric: string, judged = true): string {
  const [first, second] = comparable(entries, metric);
  const best = first?.of.get(metric);
  if (!first || !best) return 'Nothing here can be ranked.';
  const lead = `${first.title}: ${withUnit(unitOf(best), best.value)}`;
  const next = second?.of.get(metric);
  const caution =
    standingOf(best) === 'apart' ? ' It had CPU left: something waited, and it may be able to do more.' : '';
  if (!second || !next) return `${lead}.${caution}`;
  const said = `${lead}${compared(best, next, second.title)}.${caution}`;
  return judged ? `${said} ${judgement(entries, metric)}` : said;
}

// Those that may be compared with the first: of its own standing only.
function comparable(entries: Entry[], metric: string): Entry[] {
  const standings = (e: Entry) => {
    const summary = e.of.get(metric);
    return summary === undefined ? 'unranked' : standingOf(summary);
  };
  const order = sorted(entries, metric);
  const first = order[0];
  if (!first || standings(first) === 'unranked') return [];
  return order.filter((e) => standings(e) === standings(first));
}

function compared(best: Summary, next: Summary, name: string): string {
  const higher = best.better === 'higher';
  const factor = higher ? best.value / next.value : next.value / best.value;
  if (!Number.isFinite(factor) || factor < 1.005) return `, level with ${name}`;
  return higher ? `, ${significant(factor)} times ${name}` : `; ${name}: ${significant(factor)} times as much`;
}

function judgement(entries: Entry[], metric: string): string {
  switch (standing(entries, metric)) {
    case 'points':
      return 'Points only: a decision needs ten trials or more.';
    case 'degraded':
      return 'A gate marked one of them degraded: no decision.';
    case 'overlap':
      return 'Their intervals overlap: a tie.';
    case 'apart':
      return 'Their intervals do not overlap.';
    case 'none':
      return '';
  }
}

export function whiskerWords(entries: Entry[], metric: string): string {
  const kinds = new Set(entries.flatMap((e) => spreadOf(e.of.get(metric) ?? kNoSummary)?.kind ?? []));
  if (kinds.has('ci95') && kinds.has('range')) {
    return 'Whisker: 95 % interval; least to greatest trial where there are fewer than six. Ring: one trial.';
  }
  if (kinds.has('ci95')) return 'Whisker: 95 % interval. Ring: one trial.';
  return 'Whisker: least to greatest trial; an interval needs six. Ring: one trial.';
}

const kNoSummary: Summary = {
  run: '',
  case: '',
  stack: '',
  metric: '',
  title: '',
  unit: '1',
  better: 'neither',
  value: 0,
  n: 0,
  values: [],
  validity: 'valid',
  bound: 'none',
};
