// A part of a page that is drawn in a task of its own, one after the other: a page of many charts in one task would keep the browser from
// answering for as long.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const waiting: (() => void)[] = [];

function drawNext(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setTimeout(drawNext);
}

function queue(draw: () => void): () => void {
  waiting.push(draw);
  if (waiting.length === 1) setTimeout(drawNext);
  return () => {
    const at = waiting.indexOf(draw);
    // The place stays, so that the chain goes on.
    if (at >= 0) waiting[at] = () => {};
  };
}

export function Later({ wide = false, children }: { wide?: boolean; children: ComponentChildren }) {
  const [isDrawn, setDrawn] = useState(false);
  useEffect(() => queue(() => setDrawn(true)), []);
  if (isDrawn) return children;
  return <div class={`card later loading${wide ? ' wide' : ''}`} />;
}
