import { render } from 'preact';
import './style/base.css';
import './style/frame.css';
import './style/marks.css';
import { askAhead } from './state/ahead';
import { followHistory, route } from './state/location';
import { followTheme } from './state/theme';
import { App } from './views/app';

followTheme();
followHistory();
askAhead(route.value);
const place = document.getElementById('app');
if (place) {
  place.replaceChildren();
  render(<App />, place);
}
