// What became of a schedule's last night, for a glance: the latest day with due times of the last two. Pure.
import { type Night, nights } from './nights';
import type { Fire } from './schedule';

const kDays = 2;

// The latest of these days on which something was due; today, with nothing, where there is none.
export function lastNight(fires: readonly Fire[], zone: string, now: number): Night | undefined {
  const days = nights(fires, zone, now, kDays);
  return days.findLast((night) => night.kind !== 'none') ?? days.at(-1);
}
