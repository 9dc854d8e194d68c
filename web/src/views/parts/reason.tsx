// A mark next to a number, which opens its reason where it stands.
import { useId } from 'preact/hooks';

export function Reason({ mark, reason, tone = '' }: { mark: string; reason: string; tone?: string }) {
  const id = useId();
  if (reason === '') return <span class={`tag ${tone}`}>{mark}</span>;
  return (
    <span class="reason">
      <button type="button" class={`tag ${tone}`} popovertarget={id} title={reason}>
        {mark}
        <span class="unseen">: why</span>
      </button>
      <span id={id} popover="auto" class="why">
        {reason}
      </span>
    </span>
  );
}
