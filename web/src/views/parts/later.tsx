// A part of a page that is drawn once the page has arrived, in a task of its own, one after the other: many charts in one task would keep the browser
// from answering for as long, and what stands above them would be seen as much later.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { arrived } from '../../state/arrival';
import { inTurn } from '../../state/turns';

// `height`: what it will take, where that differs much from that of a chart.
export function Later({
  wide = false,
  height,
  children,
}: {
  wide?: boolean;
  height?: string;
  children: ComponentChildren;
}) {
  const [isDrawn, setDrawn] = useState(false);
  const isOnItsWay = !arrived.value;
  useEffect(() => (isOnItsWay ? undefined : inTurn(() => setDrawn(true))), [isOnItsWay]);
  if (isDrawn) return children;
  return <div class={`card later loading${wide ? ' wide' : ''}`} style={height && { minHeight: height }} />;
}
