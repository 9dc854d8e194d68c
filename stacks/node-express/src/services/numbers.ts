import { BadRequest } from './failures.js';

const digits = /^[0-9]+$/;
const integer = /^-?[0-9]+$/;

/** A decimal integer without a sign within the range; anything else is a bad request. */
export function parseWithin(text: unknown, low: number, high: number): number {
  const value = typeof text === 'string' && digits.test(text) ? Number(text) : Number.NaN;
  if (!(value >= low && value <= high)) throw new BadRequest();
  return value;
}

/** An integer of any length, forced into the range; anything else is a bad request. */
export function parseClamped(text: string, low: number, high: number): number {
  if (!integer.test(text)) throw new BadRequest();
  return clamp(Number(text), low, high);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** ?n= of queries and updates: missing or not a number is 1, anything else is forced into 1…500. */
export function rowCount(text: unknown): number {
  return typeof text === 'string' && integer.test(text) ? clamp(Number(text), 1, 500) : 1;
}

/** Evenly from low…high. */
export function draw(low: number, high: number): number {
  return low + Math.floor(Math.random() * (high - low + 1));
}
