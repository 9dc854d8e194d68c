// The phases of a run as links, the one shown marked.
import { phaseTitle } from '../../model/titles';

export function PhaseTabs(props: { phases: string[]; now: string | undefined; url: (phase: string) => string }) {
  if (props.phases.length < 2) return null;
  return (
    <nav class="tabs" aria-label="Phases">
      {props.phases.map((phase) => (
        <a key={phase} href={props.url(phase)} aria-current={phase === props.now ? 'true' : undefined}>
          {phaseTitle(phase, props.phases)}
        </a>
      ))}
    </nav>
  );
}
