// A part of a page that is made when somebody is about to see it: until then neither its code nor what it shows is fetched. While the page is on its
// way what stands above is still low, so nothing counts as seen.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { arrived } from '../../state/arrival';

const kAhead = '300px';

export function WhenSeen({ children }: { children: () => VNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [isSeen, setSeen] = useState(false);
  const isOnItsWay = !arrived.value;
  useEffect(() => {
    if (isSeen || isOnItsWay || !place.current) return;
    const watcher = new IntersectionObserver((all) => all.some((one) => one.isIntersecting) && setSeen(true), {
      rootMargin: kAhead,
    });
    watcher.observe(place.current);
    return () => watcher.disconnect();
  }, [isSeen, isOnItsWay]);
  return isSeen ? children() : <div ref={place} class="card later" />;
}
