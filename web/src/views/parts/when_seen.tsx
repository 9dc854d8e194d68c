// A part of a page that is made when somebody is about to see it: until then neither its code nor what it shows is fetched.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

const kAhead = '300px';

export function WhenSeen({ children }: { children: () => VNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (isSeen || !place.current) return;
    const watcher = new IntersectionObserver((all) => all.some((one) => one.isIntersecting) && setSeen(true), {
      rootMargin: kAhead,
    });
    watcher.observe(place.current);
    return () => watcher.disconnect();
  }, [isSeen]);
  return isSeen ? children() : <div ref={place} class="card later" />;
}
