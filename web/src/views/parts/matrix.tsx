// Stacks × phases as one table: each cell a share of the best of its phase, from which a link leads to its chart. For the keyboard it is one
// stop; the arrow keys go from cell to cell.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Cell, Lead, Matrix, MatrixRow } from '../../model/matrix';
import { phaseTitle } from '../../model/titles';
import { Glyph } from '../charts/glyph';
import { useFound, usePart } from './long_list';

interface Props {
  matrix: Matrix;
  leads: Map<string, Lead>; // by phase
  phase: string | undefined; // the one shown below
  link: (phase: string) => string;
  open: (phase: string) => void;
}

const kMarks: Record<string, [string, string]> = {
  best: ['★', 'the best'],
  tied: ['=', 'not told apart from the best'],
  invalid: ['✕', 'struck out'],
  degraded: ['~', 'degraded'],
  bound: ['⊣', 'limited from outside the stack'],
  apart: ['◔', 'its CPU was not saturated'],
  absent: ['', ''],
};

export function MatrixTable({ matrix, leads, phase, link, open }: Props) {
  const [place, setPlace] = useState({ row: 0, column: 0 });
  const moved = useRef(false);
  const box = useRef<HTMLTableElement>(null);
  const found = useFound(matrix.rows, ({ entry }) => ({ name: entry.case, title: entry.title }));
  const { part, more } = usePart(found);
  const at = { row: Math.min(place.row, part.length - 1), column: place.column };
  useEffect(() => {
    if (moved.current) box.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    moved.current = false;
  }, [place]);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = nextPlace(event.key, at, part.length, matrix.phases.length);
    if (next === undefined) return;
    event.preventDefault();
    moved.current = true;
    setPlace(next);
  };
  return (
    <div class="stackup">
      <div class="scroll">
        <table
          class="matrix"
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells are walked with the arrow keys is a grid
          role="grid"
          aria-label="Stacks and phases. Use the arrow keys to go from cell to cell."
          ref={box}
          onKeyDown={onKeyDown}
        >
          <thead>
            <tr>
              <th scope="col">Stack</th>
              {matrix.phases.map((name) => (
                <th key={name} scope="col" class={name === phase ? 'now' : undefined}>
                  {phaseTitle(name, matrix.phases)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {part.map((row, r) => (
              <tr key={row.entry.case}>
                <th scope="row">
                  <span class="who">
                    <Glyph slot={row.entry.slot} /> {row.entry.title}
                    {row.entry.tuned && <span class="tag">tuned</span>}
                  </span>
                </th>
                {row.cells.map((cell, c) => (
                  <Field
                    key={cell.phase}
                    row={row}
                    cell={cell}
                    tied={leads.get(cell.phase)?.group.includes(row.entry.case) ?? false}
                    stop={r === at.row && c === at.column}
                    href={link(cell.phase)}
                    open={() => {
                      setPlace({ row: r, column: c });
                      open(cell.phase);
                    }}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more}
    </div>
  );
}

function Field(props: { row: MatrixRow; cell: Cell; tied: boolean; stop: boolean; href: string; open: () => void }) {
  const { cell, tied } = props;
  const isBest = cell.marks.includes('best');
  const marks = tied && !isBest ? [...cell.marks, 'tied'] : cell.marks;
  const said = marks.map((mark) => kMarks[mark]?.[1]).filter(Boolean);
  const title = [cell.value, ...said, cell.reason].filter(Boolean).join('. ');
  const onClick = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    props.open();
  };
  return (
    <td
      class={[cell.marks.includes('invalid') ? 'out' : '', tied ? 'leads' : ''].filter(Boolean).join(' ') || undefined}
      title={title}
    >
      <a href={props.href} tabIndex={props.stop ? 0 : -1} onClick={onClick}>
        {cell.text}
        <span aria-hidden="true" class="signs">
          {marks.map((mark) => kMarks[mark]?.[0]).join('')}
        </span>
        <span class="unseen"> {said.join(', ')}</span>
      </a>
    </td>
  );
}

function nextPlace(key: string, at: { row: number; column: number }, rows: number, columns: number) {
  const to = {
    ArrowRight: { row: at.row, column: at.column + 1 },
    ArrowLeft: { row: at.row, column: at.column - 1 },
    ArrowDown: { row: at.row + 1, column: at.column },
    ArrowUp: { row: at.row - 1, column: at.column },
    Home: { row: at.row, column: 0 },
    End: { row: at.row, column: columns - 1 },
  }[key];
  if (to === undefined) return undefined;
  return { row: Math.min(rows - 1, Math.max(0, to.row)), column: Math.min(columns - 1, Math.max(0, to.column)) };
}

export function MatrixKey() {
  return (
    <ul class="key">
      {Object.values(kMarks).map(
        ([sign, title]) =>
          sign !== '' && (
            <li key={sign}>
              <span aria-hidden="true">{sign}</span> {title}
            </li>
          ),
      )}
    </ul>
  );
}
