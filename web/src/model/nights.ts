// The last nights of a schedule, a day each in its own zone: what became of its due times. Pure.
import type { Fire } from './schedule';
import { words } from './titles';

export type NightKind = 'ran' | 'failed' | 'skipped' | 'open' | 'started' | 'none';

export interface Night {
  date: string; // 2026-11-23, in the schedule's zone
  kind: NightKind;
  run?: string; // the one that the mark leads to
  words: string;
}

// So many due times are asked for: what is older is not known here.
export const kMostFires = 200;

// What a run that has ended is called: good where there are results.
function kindOf(state: string | undefined): NightKind {
  switch (state) {
    case undefined: // the history of a schedule outlives its runs
      return 'started';
    case 'succeeded':
    case 'partly':
      return 'ran';
    case 'failed':
    case 'aborted':
    case 'cancelled':
    case 'timed_out':
    case 'interrupted':
      return 'failed';
    case 'skipped':
      return 'skipped';
    default:
      return 'open';
  }
}

// One that failed is not hidden by others that ran.
const kLeading = ['failed', 'open', 'ran', 'started', 'skipped'] as const;

const kTitles = [
  ['ran', 'ran'],
  ['failed', 'did not end well'],
  ['open', 'not ended yet'],
  ['started', 'started a run that is no longer stored'],
  ['skipped', 'skipped'],
] as const;

function nightOf(date: string, fires: readonly Fire[]): Night {
  const found = new Map<NightKind, Fire[]>();
  for (const fire of fires) {
    const kind = fire.run === undefined ? 'skipped' : kindOf(fire.state);
    found.set(kind, [...(found.get(kind) ?? []), fire]);
  }
  const kind = kLeading.find((one) => found.has(one)) ?? 'none';
  const leading = found.get(kind)?.[0];
  const parts: string[] = [];
  for (const [name, title] of kTitles) {
    const ones = found.get(name);
    if (ones === undefined) continue;
    const times = ones.reduce((sum, fire) => sum + fire.folded, 0);
    const causes = ones.map((fire) => (name === 'failed' ? words(fire.state ?? '') : fire.reason));
    const why = [...new Set(causes.filter((text) => text !== undefined && text !== ''))].join('; ');
    parts.push(`${fires.length === 1 && times === 1 ? '' : `${times} `}${title}${why === '' ? '' : `: ${why}`}`);
  }
  return leading?.run === undefined
    ? { date, kind, words: parts.join(', ') }
    : { date, kind, run: leading.run, words: parts.join(', ') };
}

const kDay = 86_400_000;

// Oldest first; the last one is today.
export function nights(fires: readonly Fire[], zone: string, now: number, count = 30): Night[] {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  // Days of the calendar, whatever the clocks do: 24 hours earlier may be the same day, or that before the last.
  const today = Date.parse(day.format(now));
  const days = new Map<string, Fire[]>();
  for (let back = count - 1; back >= 0; --back) days.set(new Date(today - back * kDay).toISOString().slice(0, 10), []);
  const dates = fires.map((fire) => day.format(Date.parse(fire.nominal_at)));
  fires.forEach((fire, at) => {
    days.get(dates[at] ?? '')?.push(fire);
  });
  const since = fires.length < kMostFires ? '' : (dates.at(-1) ?? '');
  return [...days].map(([date, ones]) => {
    if (ones.length > 0) return nightOf(date, ones);
    return {
      date,
      kind: 'none',
      words: date < since ? `older than the last ${kMostFires} due times` : 'nothing was due',
    };
  });
}
