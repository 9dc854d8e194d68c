// The nights that a decision rests on, and what it lacks, in the words of `dyno` (tests/data/wording.json). Pure.
import { counted, stamp } from './units';

export interface Pool {
  schedule?: string;
  nights: { run: string; at: string; blocks: number }[]; // newest first
  blocks: number;
  blocks_needed: number;
  nights_needed: number;
  blocks_lacking: number;
  nights_lacking: number;
  ready_at?: string;
}

// "Rests on 3 nights of schedule nightly (15 blocks, from 27 Nov 2026, 02:30 on)."
// "Rests on 2 blocks: too few for a decision, which needs 10 blocks. Decided after 2 more nights of schedule nightly, about 1 Dec 2026, 03:10."
export function poolSentence(pool: Pool): string {
  const schedule = pool.schedule === undefined ? '' : ` of schedule ${pool.schedule}`;
  const oldest = pool.nights[pool.nights.length - 1];
  const rests =
    pool.nights.length < 2 || oldest === undefined
      ? counted(pool.blocks, 'block')
      : `${pool.nights.length} nights${schedule} (${counted(pool.blocks, 'block')}, from ${stamp(oldest.at)} on)`;
  if (pool.nights_lacking === 0) return `Rests on ${rests}.`;
  const needs =
    pool.blocks_lacking > 0
      ? counted(pool.blocks_needed, 'block')
      : `${counted(pool.nights_needed, 'night')}, so that it shows how much nights differ`;
  const said = `Rests on ${rests}: too few for a decision, which needs ${needs}.`;
  if (pool.schedule === undefined) return said;
  const when = pool.ready_at === undefined ? '' : `, about ${stamp(pool.ready_at)}`;
  return `${said} Decided after ${counted(pool.nights_lacking, 'more night')}${schedule}${when}.`;
}
