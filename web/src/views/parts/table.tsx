// A real table: caption, scopes, sort buttons, pages of 25 rows (12 of a wide one), and cards on a narrow screen.
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';

export interface Cell {
  text: ComponentChildren;
  title?: string | undefined; // the exact value
  small?: ComponentChildren;
  out?: boolean; // failed a gate: shown struck out
  sort?: number | string; // absent: not measured, always last
}

export interface Column<Row> {
  key: string;
  title: string;
  number?: boolean;
  head?: boolean; // names the row
  cell: (row: Row) => Cell;
}

export interface Sort {
  key: string;
  down: boolean;
}

interface Props<Row> {
  caption: ComponentChildren;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  cards?: boolean;
  sort?: Sort | undefined;
  onSort?: (sort: Sort) => void; // absent: the table sorts itself
}

const kPage = 25;
const kPageOfWide = 12; // a wide table takes the browser as long for so many
const kWide = 10; // columns

export function Table<Row>(props: Props<Row>) {
  const [ownSort, setOwnSort] = useState<Sort | undefined>(undefined);
  const [page, setPage] = useState(0);
  const captionId = useId();
  const sort = props.onSort ? props.sort : ownSort;
  const rows = arranged(props.rows, props.columns, sort);
  const size = props.columns.length > kWide ? kPageOfWide : kPage;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const from = Math.min(page, pages - 1) * size;
  return (
    <div class="stackup">
      <div class="scroll" role="group" aria-labelledby={captionId}>
        <table class={props.cards ? 'cards' : undefined}>
          <caption id={captionId}>{props.caption}</caption>
          <thead>
            {/* One stop for the keyboard; the arrow keys go from column to column. */}
            <tr onKeyDown={walkHeads}>
              {props.columns.map((column, i) => (
                <Head
                  key={column.key}
                  column={column}
                  sort={sort}
                  set={props.onSort ?? setOwnSort}
                  stop={props.columns.some((each) => each.key === sort?.key) ? column.key === sort?.key : i === 0}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(from, from + size).map((row) => (
              <tr key={props.rowKey(row)}>
                {props.columns.map((column) => (
                  <Data key={column.key} column={column} cell={column.cell(row)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <div class="line small">
          <button type="button" disabled={from === 0} onClick={() => setPage(from / size - 1)}>
            Previous rows
          </button>
          <span class="soft">
            {from + 1}–{Math.min(from + size, rows.length)} of {rows.length}
          </span>
          <button type="button" disabled={from + size >= rows.length} onClick={() => setPage(from / size + 1)}>
            Next rows
          </button>
        </div>
      )}
    </div>
  );
}

function walkHeads(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const heads = [...(event.currentTarget as Element).querySelectorAll('button')];
  const next = heads[heads.indexOf(event.target as HTMLButtonElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

function Head<Row>(props: { column: Column<Row>; sort: Sort | undefined; set: (sort: Sort) => void; stop: boolean }) {
  const { column, sort } = props;
  const mine = sort?.key === column.key ? sort : undefined;
  const direction = mine === undefined ? 'none' : mine.down ? 'descending' : 'ascending';
  const down = mine === undefined ? false : !mine.down;
  return (
    <th scope="col" class={column.number ? 'number' : undefined} aria-sort={direction}>
      <button type="button" tabIndex={props.stop ? 0 : -1} onClick={() => props.set({ key: column.key, down })}>
        {column.title}
        <span aria-hidden="true">{mine === undefined ? '' : mine.down ? '▾' : '▴'}</span>
      </button>
    </th>
  );
}

function Data<Row>({ column, cell }: { column: Column<Row>; cell: Cell }) {
  if (column.head) {
    return (
      <th scope="row">
        {cell.text}
        {cell.small !== undefined && <small>{cell.small}</small>}
      </th>
    );
  }
  const kind = [column.number ? 'number' : '', cell.out ? 'out' : ''].filter(Boolean).join(' ');
  return (
    <td class={kind || undefined} title={cell.title} data-label={column.title}>
      <span>
        {cell.text}
        {cell.small !== undefined && <small>{cell.small}</small>}
      </span>
    </td>
  );
}

function arranged<Row>(rows: Row[], columns: Column<Row>[], sort: Sort | undefined): Row[] {
  const column = columns.find((c) => c.key === sort?.key);
  if (!column || !sort) return rows;
  const sign = sort.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [column.cell(a).sort, column.cell(b).sort];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    if (left === right) return 0;
    return left < right ? -sign : sign;
  });
}
