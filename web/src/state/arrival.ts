// Whether a page that was just opened has what it asked for first. Until then its parts keep their places unseen: parts that come one after
// another would push each other about under the reader's eyes. Nobody waits longer than `kPatienceMs`.
import { signal } from '@preact/signals';

export const arrived = signal(false);

const kPatienceMs = 3000;

let waiting = 0;
let frame = 0;
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

// What was answered may ask for more. After the next frame it has, and what was answered has its place: to show it is a task of its own.
function look(): void {
  stopLooking();
  if (waiting > 0 || arrived.value) return;
  frame = requestAnimationFrame(() => {
    calm = setTimeout(() => waiting === 0 && arrive());
  });
}

function stopLooking(): void {
  cancelAnimationFrame(frame);
  clearTimeout(calm);
}

function arrive(): void {
  stopLooking();
  clearTimeout(patience);
  arrived.value = true;
}
