// Whether a page that was just opened has what it asked for first. Until then its parts keep their places unseen: parts that come one after
// another would push each other about under the reader's eyes. Nobody waits longer than `kPatienceMs`.
import { signal } from '@preact/signals';

export const arrived = signal(false);

const kPatienceMs = 3000;
const kCalmMs = 30; // what was answered may ask for more

let waiting = 0;
let calm: ReturnType<typeof setTimeout> | undefined;
let patience: ReturnType<typeof setTimeout> | undefined;

// Another page was opened.
export function depart(): void {
  arrived.value = false;
  clearTimeout(patience);
  patience = setTimeout(arrive, kPatienceMs);
  look();
}

// Something is asked for, until the function that is returned was called.
export function expect(): () => void {
  waiting++;
  let over = false;
  return () => {
    if (over) return;
    over = true;
    waiting--;
    look();
  };
}

// Whether anything that was asked for is still to come; it may be when patience ended.
export function isWaiting(): boolean {
  return waiting > 0;
}

function look(): void {
  clearTimeout(calm);
  if (waiting === 0 && !arrived.value) calm = setTimeout(() => waiting === 0 && arrive(), kCalmMs);
}

function arrive(): void {
  clearTimeout(calm);
  clearTimeout(patience);
  arrived.value = true;
}
