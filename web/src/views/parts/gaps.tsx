// Cells without a result, each with its reason: an unexplained blank reads like a fault of the page.
import type { Gap } from '../../model/summary';
import { usePart } from './long_list';

export function Gaps({ gaps, name }: { gaps: Gap[]; name: (gap: Gap) => string }) {
  const { part, more } = usePart(gaps, 10);
  if (gaps.length === 0) return null;
  return (
    <section class="notice" aria-label="Not measured">
      {part.map((gap) => (
        <span key={`${gap.case} ${gap.phase}`}>
          <b>{name(gap)}</b>: not measured. {gap.reason}
        </span>
      ))}
      {more}
    </section>
  );
}
