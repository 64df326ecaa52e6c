// Whether the page is in touch with the node, and the one switch that stops all
// that moves.
import { announce } from './announce.js';
import { byId, say } from './dom.js';
import { timeOfDay } from './format.js';

let heardAt = null;
let isAway = false;

export function showLive(at) {
  heardAt = at;
  say(byId('link'), `live, ${timeOfDay(at)}`);
  byId('outage').hidden = true;
  document.body.classList.remove('is-stale');
  if (isAway) announce('The node answers again.');
  isAway = false;
}

export function showAway(reason, failures, pause) {
  const seen = heardAt ? `What you see is from ${timeOfDay(heardAt)}.` : 'Nothing was heard of it yet.';
  const next = pause < 1000 ? 'It is asked again at once.' : `It is asked again in ${Math.round(pause / 1000)} s.`;
  const why = reason instanceof TypeError || reason.name === 'TimeoutError' ? '' : ` (${reason.message})`;
  say(byId('link'), 'no answer');
  // Read out once, not with each try.
  say(byId('outage-text'), `The node does not answer${why}. ${seen}${failures > 1 ? ` ${next}` : ''}`);
  byId('outage').hidden = false;
  document.body.classList.add('is-stale');
  isAway = true;
}

export function showPaused(isPaused) {
  byId('pause').setAttribute('aria-pressed', String(isPaused));
  if (isPaused) say(byId('link'), heardAt ? `paused at ${timeOfDay(heardAt)}` : 'paused');
}
