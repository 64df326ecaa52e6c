// Whether the page is in touch with the node, and the one switch that stops all
// that moves.
import { announce } from './announce.js';
import { Refusal } from './api.js';
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

function complaintOf(reason) {
  if (reason instanceof Refusal) return `The node refuses to say how it is: ${reason.message}`;
  // What a browser calls it when nobody is there.
  if (reason instanceof TypeError || reason.name === 'TimeoutError') return 'The node does not answer';
  return `The node does not answer: ${reason.message}`;
}

export function showAway(reason, failures, pause) {
  const seen = heardAt ? `What you see is from ${timeOfDay(heardAt)}.` : 'Nothing was heard of it yet.';
  // Read out once, not with each try.
  say(byId('outage-text'), `${complaintOf(reason)}. ${seen}`);
  byId('outage-next').textContent = failures > 1 ? `It is asked again in ${Math.ceil(pause / 1000)} s.` : '';
  say(byId('link'), 'no answer');
  say(byId('health'), 'unknown');
  byId('health').dataset.tone = 'quiet';
  if (!isAway) document.title = `no answer – ${document.title}`;
  byId('outage').hidden = false;
  document.body.classList.add('is-stale');
  isAway = true;
}

export function showPaused(isPaused) {
  byId('pause').setAttribute('aria-pressed', String(isPaused));
  if (isPaused) say(byId('link'), heardAt ? `paused at ${timeOfDay(heardAt)}` : 'paused');
}
