// Places as a picture: of each row the places that it may have, a bar to its value with a whisker over the spread, and ties in one bracket.
import {
  drawnOf,
  isBound,
  placeText,
  type Ranked,
  type Ranking,
  rankedExact,
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
import { explainBound, spreadOf, unitOf } from '../../model/summary';
import { useFound, usePart } from '../parts/long_list';
import { Reason } from '../parts/reason';
import { type Axis, AxisRow, axisTo, GridLines } from './axis';
import { Bar } from './bars';
import { Glyph, tintOf } from './glyph';

interface Props {
  ranking: Ranking;
  slot: (row: Ranked) => number;
  link: (row: Ranked) => string;
}

export function Standings({ ranking, slot, link }: Props) {
  const found = useFound(ranking.rows, (row) => ({ name: row.case, title: rankedTitle(row) }));
  const { part, more } = usePart(found);
  const all = ranking.rows.flatMap((row) => drawnOf(ranking, row) ?? []);
  const [first] = all;
  if (first === undefined) return <p class="soft">Nothing here has a value.</p>;
  const axis = axisTo(unitOf(first), Math.max(...all.map((each) => Math.max(each.value, spreadOf(each)?.high ?? 0))));
  return (
    <div class="rows standings">
      <ol class="rows">
        {tiesOf(part).map((tie) => {
          const isTie = tie.group !== undefined && tie.rows.length > 1;
          const rows = tie.rows.map((row) => (
            <Row key={row.case} ranking={ranking} row={row} slot={slot(row)} href={link(row)} axis={axis} />
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

function Row(props: { ranking: Ranking; row: Ranked; slot: number; href: string; axis: Axis }) {
  const { ranking, row, axis } = props;
  const drawn = drawnOf(ranking, row);
  const ratio = ranking.phases === undefined ? ratioText(row) : '';
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
          {drawn && <Bar value={drawn.value} spread={spreadOf(drawn)} axis={axis} />}
        </svg>
      </div>
      <span class="value">
        <b title={rankedExact(ranking, row)}>{rankedValue(ranking, row)}</b>
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
