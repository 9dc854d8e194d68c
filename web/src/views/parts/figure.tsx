// The frame of every chart: its title, one computed sentence, the drawing, how to read it, and the same data as a table, which is made when
// somebody opens it.
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';

interface Props {
  title: string;
  sentence?: ComponentChildren;
  reading?: ComponentChildren; // what the marks mean
  table: ComponentChildren;
  source?: string; // the URL the data came from
  wide?: boolean;
  children: ComponentChildren;
}

export function Figure(props: Props) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <figure class={`card figure${props.wide ? ' wide tall' : ''}`} aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{props.title}</h2>
        {props.sentence && <p class="soft small">{props.sentence}</p>}
      </figcaption>
      {props.children}
      {props.reading && <div class="soft small">{props.reading}</div>}
      <details onToggle={(event) => event.currentTarget.open && setOpen(true)}>
        <summary>
          Data as a table<span class="unseen">: {props.title}</span>
        </summary>
        {isOpen && props.table}
        {props.source && (
          <p class="small">
            <a href={props.source}>
              JSON for this chart<span class="unseen">: {props.title}</span>
            </a>
          </p>
        )}
      </details>
    </figure>
  );
}
