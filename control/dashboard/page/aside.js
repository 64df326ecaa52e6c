// What waits and what was set aside.
import { byId, el, equal, reconcile } from './dom.js';
import { badge, bytes, count, time } from './format.js';
import { linkTo } from './detail.js';

function drawWaiting(item, one) {
  item.replaceChildren(
    el('p', { class: 'what' },
      linkTo(one.id), badge(one.type), one.removing ? badge('removing') : '',
      el('span', {}, 'since ', time(one.since))),
    el('p', { class: 'note' }, one.reason),
  );
}

function drawQuarantined(item, one) {
  item.replaceChildren(
    el('p', { class: 'what' },
      linkTo(one.key), el('span', { class: 'badge', 'data-tone': 'warn' }, one.reason?.code ?? 'unknown'),
      el('span', {}, 'since ', time(one.since))),
    el('p', { class: 'note' }, one.reason?.message ?? ''),
    el('p', { class: 'note' }, `from ${one.source || 'an unknown source'}, ${bytes(one.bytes)}`),
  );
}

function drawList(name, items, { key, draw, none, note }) {
  const list = byId(`${name}-list`);
  reconcile(list, items, { key, make: () => el('li'), draw, same: equal });
  list.hidden = items.length === 0;
  const empty = byId(`${name}-empty`);
  empty.hidden = items.length > 0;
  empty.textContent = none;
  byId(`${name}-note`).textContent = note;
}

export function drawAside({ waiting, quarantine, status }) {
  const shown = waiting.waiting.slice(0, 50);
  drawList('waiting', shown, {
    key: (one) => one.id,
    draw: drawWaiting,
    none: 'Nothing waits.',
    note: waiting.count > shown.length ? `the first ${shown.length} of ${count(waiting.count)}` : '',
  });
  const aside = quarantine.quarantine;
  drawList('quarantine', aside, {
    key: (one) => one.key,
    draw: drawQuarantined,
    none: 'Nothing was set aside.',
    note: status.store.quarantined > aside.length
      ? `the first ${aside.length} of ${count(status.store.quarantined)}` : '',
  });
}
