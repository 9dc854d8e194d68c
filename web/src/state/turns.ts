// Work that is done in a task of its own, one piece for each frame, so that the browser can answer in between, and lays out one piece at a time. A tab that
// nobody sees has no frames, and waits.
const waiting: (() => void)[] = [];

function doNext(): void {
  waiting.shift()?.();
  if (waiting.length > 0) inNextFrame();
}

function inNextFrame(): void {
  requestAnimationFrame(() => setTimeout(doNext));
}

// What is returned takes it back while its turn has not come.
export function inTurn(work: () => void): () => void {
  waiting.push(work);
  if (waiting.length === 1) inNextFrame();
  return () => {
    const at = waiting.indexOf(work);
    // The place stays, so that the chain goes on.
    if (at >= 0) waiting[at] = () => {};
  };
}
