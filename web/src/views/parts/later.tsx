// A part of a page that is drawn in a task of its own, one after the other: a page of many charts in one task would keep the browser from
// answering for as long.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { inTurn } from '../../state/turns';

export function Later({ wide = false, children }: { wide?: boolean; children: ComponentChildren }) {
  const [isDrawn, setDrawn] = useState(false);
  useEffect(() => inTurn(() => setDrawn(true)), []);
  if (isDrawn) return children;
  return <div class={`card later loading${wide ? ' wide' : ''}`} />;
}
