// The last nights of a schedule, a day each in its own zone: what became of its due times. Pure.
import type { Fire } from './schedule';

export type NightKind = 'ran' | 'failed' | 'skipped' | 'open' | 'none';

export interface Night {
  date: string; // 2026-11-23, in the schedule's zone
  kind: NightKind;
  run?: string; // the one that the mark leads to
  words: string;
}

// What a run that has ended is called: good where there are results.
function kindOf(state: string | undefined): NightKind {
  switch (state) {
    case undefined: // older than the runs that were asked for
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

export function dayOf(instant: number, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    instant,
  );
}

const kDay = 86_400_000;

function nightOf(date: string, fires: readonly Fire[], states: ReadonlyMap<string, string>): Night {
  const found = new Map<NightKind, Fire[]>();
  for (const fire of fires) {
    const kind = fire.run === undefined ? 'skipped' : kindOf(states.get(fire.run));
    found.set(kind, [...(found.get(kind) ?? []), fire]);
  }
  // One that failed is not hidden by others that ran.
  const kind = (['failed', 'open', 'ran', 'skipped'] as const).find((one) => found.has(one)) ?? 'none';
  const leading = found.get(kind)?.[0];
  const parts: string[] = [];
  for (const [name, title] of [
    ['ran', 'ran'],
    ['failed', 'did not end well'],
    ['open', 'not ended yet'],
    ['skipped', 'skipped'],
  ] as const) {
    const ones = found.get(name);
    if (ones === undefined) continue;
    const times = ones.reduce((sum, fire) => sum + fire.folded, 0);
    const states_ =
      name === 'failed' ? ones.map((fire) => states.get(fire.run ?? '')) : ones.map((fire) => fire.reason);
    const why = [...new Set(states_.filter((text) => text !== undefined && text !== ''))].join('; ');
    parts.push(`${fires.length === 1 && times === 1 ? '' : `${times} `}${title}${why === '' ? '' : `: ${why}`}`);
  }
  const words = parts.length === 0 ? 'nothing was due' : parts.join(', ');
  return leading?.run === undefined ? { date, kind, words } : { date, kind, run: leading.run, words };
}

// Oldest first; the last one is today. `states`: of runs by id.
export function nights(
  fires: readonly Fire[],
  states: ReadonlyMap<string, string>,
  zone: string,
  now: number,
  count = 30,
): Night[] {
  const days = new Map<string, Fire[]>();
  for (let back = count - 1; back >= 0; --back) days.set(dayOf(now - back * kDay, zone), []);
  for (const fire of fires) days.get(dayOf(Date.parse(fire.nominal_at), zone))?.push(fire);
  return [...days].map(([date, ones]) => nightOf(date, ones, states));
}
