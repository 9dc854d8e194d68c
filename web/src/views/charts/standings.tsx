// Places as a picture: of each row the places that it may have, a bar to its value with a whisker over the spread, and ties in one bracket.
import {
  drawnOf,
  drawnUnit,
  isBound,
  placeText,
  type Ranked,
  type Ranking,
  rankedSpread,
  rankedTitle,
  rankedValue,
  ratioText,
  restsText,
  tiePlaces,
  tiesOf,
  whyTitle,
  whyWords,
} from '../../model/leaderboard';
import { explainBound } from '../../model/summary';
import { exact } from '../../model/units';
import { useFound, usePart } from '../parts/long_list';
import { Reason } from '../parts/reason';
import { type Axis, AxisRow, axisTo, GridLines } from './axis';
import { Glyph, tintOf } from './glyph';

interface Props {
  ranking: Ranking;
  slot: (row: Ranked) => number;
  link: (row: Ranked) => string;
}

export function Standings({ ranking, slot, link }: Props) {
  const found = useFound(ranking.rows, (row) => ({ name: row.case, title: rankedTitle(row) }));
  const { part, more } = usePart(found);
  const factor = ranking.phases === undefined ? 1 : 100;
  const greatest = ranking.rows.flatMap((row) => {
    const drawn = drawnOf(ranking, row);
    return drawn === undefined ? [] : [factor * Math.max(drawn.value, drawn.high ?? 0)];
  });
  if (greatest.length === 0) return <p class="soft">Nothing here has a value.</p>;
  const axis = axisTo(drawnUnit(ranking), Math.max(...greatest));
  return (
    <div class="rows standings">
      <ol class="rows">
        {tiesOf(part).map((tie) => {
          const isTie = tie.group !== undefined && tie.rows.length > 1;
          const rows = tie.rows.map((row) => (
            <Row
              key={row.case}
              ranking={ranking}
              row={row}
              slot={slot(row)}
              href={link(row)}
              axis={axis}
              factor={factor}
            />
          ));
          return (
            <li key={tie.rows[0]?.case} class={isTie ? 'tie' : undefined}>
              {isTie && <span class="unseen">Not told apart, {tiePlaces(tie)}:</span>}
              {tie.group === undefined && <span class="soft small">Without a place</span>}
              <ul class="rows">{rows}</ul>
            </li>
          );
        })}
      </ol>
      {more}
      <AxisRow axis={axis} />
    </div>
  );
}

function Row(props: { ranking: Ranking; row: Ranked; slot: number; href: string; axis: Axis; factor: number }) {
  const { ranking, row, axis, factor } = props;
  const drawn = drawnOf(ranking, row);
  const ratio = ranking.phases === undefined ? ratioText(row) : '';
  const at = (value: number) => `${axis.at(value * factor)}%`;
  return (
    <li class={`row s${tintOf(props.slot)}${row.rank === undefined ? ' out' : ''}`}>
      <span class="who">
        <b class="place">
          <span class="unseen">{row.rank === undefined ? 'no place' : 'place '}</span>
          {placeText(row)}
        </b>
        <Glyph slot={props.slot} />
        <span>
          <a href={props.href}>{rankedTitle(row)}</a>
          <small>{row.language}</small>
        </span>
      </span>
      <div class="track-cell" aria-hidden="true">
        <svg class="track">
          <GridLines axis={axis} />
          {drawn && <rect class="bar" x="0" y="22%" height="56%" width={at(drawn.value)} />}
          {drawn && <line class="bar-edge" x1={at(drawn.value)} x2={at(drawn.value)} y1="22%" y2="78%" />}
          {drawn?.low !== undefined && drawn.high !== undefined && (
            <>
              <line class="whisker" x1={at(drawn.low)} x2={at(drawn.high)} y1="50%" y2="50%" />
              {[drawn.low, drawn.high].map((end) => (
                <line key={end} class="whisker" x1={at(end)} x2={at(end)} y1="34%" y2="66%" />
              ))}
            </>
          )}
        </svg>
      </div>
      <span class="value">
        <b title={drawn === undefined ? undefined : exact(factor === 1 ? drawnUnit(ranking) : '1', drawn.value)}>
          {rankedValue(ranking, row)}
        </b>
        <small>{rankedSpread(ranking, row)}</small>
        <small>{restsText(ranking, row)}</small>
        {ratio !== '' && <small>{ratio}</small>}
        <Marks ranking={ranking} row={row} />
      </span>
    </li>
  );
}

// Why it has no place, and why its number is not like the others.
export function Marks({ ranking, row }: { ranking: Ranking; row: Ranked }) {
  return (
    <>
      {row.why !== undefined && <Reason mark={whyTitle(row.why)} reason={whyWords(row.why)} />}
      {row.why === undefined && isBound(ranking, row) && (
        <Reason mark="at least" reason={explainBound(row.bound ?? '')} tone="warn" />
      )}
      {row.validity === 'degraded' && <Reason mark="degraded" reason={kDegraded} tone="warn" />}
      {row.nights_differ && <Reason mark="nights differ" reason={kNightsDiffer} tone="warn" />}
    </>
  );
}

const kDegraded = 'A gate found something that disturbs its trials. The page of its run says what.';
const kNightsDiffer = 'Its nights differ by more than chance, so each night counts as one value in the interval.';
