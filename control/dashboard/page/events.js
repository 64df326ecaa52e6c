// The events as they happen, newest first.
import { byId, el, reconcile, say } from './dom.js';
import { badge, count, time } from './format.js';
import { follow } from './stream.js';
import { linkTo } from './detail.js';

/// Rows in the page at most; older ones are with `provisionctl events`.
const rowsMax = 150;
/// However fast the node is, the list is drawn this often at most.
const drawInterval = 250;

let rows = [];
let fresh = [];
let timer = 0;
let newest = 0;
let stop = null;

function make(event) {
  const item = el('li', {},
    el('p', { class: 'what' },
      time(event.at), badge(event.event), event.id ? linkTo(event.id) : ''),
    event.text ? el('p', { class: 'says' }, event.text) : '');
  return item;
}

function makeGap(gap) {
  return el('li', { class: 'gap' }, `${count(gap.missing)} events are not shown here`);
}

/// Sequence numbers have no holes: where some are missing, say so.
function withGaps(events) {
  const all = [];
  for (const event of events) {
    const above = all.at(-1);
    if (above && above.sequence > event.sequence + 1)
      all.push({ key: `gap ${event.sequence}`, missing: above.sequence - event.sequence - 1 });
    all.push(event);
  }
  return all;
}

function draw() {
  timer = 0;
  rows = [...fresh.reverse(), ...rows].slice(0, rowsMax);
  fresh = [];
  reconcile(byId('event-list'), withGaps(rows), {
    key: (one) => one.key ?? one.sequence,
    make: (one) => (one.key ? makeGap(one) : make(one)),
    draw: () => {},
    same: () => true,
  });
  byId('events-empty').hidden = rows.length > 0;
  byId('event-list').hidden = rows.length === 0;
}

function take(events) {
  // A tunnel that comes back may repeat what was seen.
  const unseen = events.filter((event) => event.sequence > newest);
  if (unseen.length === 0) return;
  newest = unseen.at(-1).sequence;
  fresh = [...fresh, ...unseen].slice(-rowsMax);
  timer ||= setTimeout(draw, drawInterval);
}

/// Begins to follow; `onNews(ids)` hears whose events came. Safe to repeat.
export function startEvents(onNews) {
  if (stop) return;
  stop = new AbortController();
  follow({
    // After a long pause only the newest are wanted; the gap is shown.
    after: 0,
    first: 100,
    signal: stop.signal,
    onOpen: () => say(byId('events-note'), 'newest first'),
    onLoss: (reason) => say(byId('events-note'), `not live: ${reason}`),
    onEvents: (events) => {
      take(events);
      onNews(new Set(events.map((event) => event.id)));
    },
  });
}

export function stopEvents() {
  stop?.abort();
  stop = null;
}
