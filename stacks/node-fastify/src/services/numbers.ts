const integer = /^-?[0-9]+$/;

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** ?n= of queries and updates: missing or not a number is 1, anything else is forced into 1…500. */
export function rowCount(text: string | undefined): number {
  return text !== undefined && integer.test(text) ? clamp(Number(text), 1, 500) : 1;
}

/** Evenly from low…high. */
export function draw(low: number, high: number): number {
  return low + Math.floor(Math.random() * (high - low + 1));
}
