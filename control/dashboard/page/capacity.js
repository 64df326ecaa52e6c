// What the node lends out, as bars.
import { byId, el, equal, reconcile } from './dom.js';
import { bytes, count } from './format.js';

const svg = 'http://www.w3.org/2000/svg';

const units = [
  ['cru', 'Processors', count],
  ['mru', 'Memory', bytes],
  ['sru', 'Solid-state disk', bytes],
  ['hru', 'Rotating disk', bytes],
];

function bar(share, label) {
  const box = document.createElementNS(svg, 'svg');
  box.setAttribute('class', 'meter');
  box.setAttribute('role', 'img');
  box.setAttribute('aria-label', label);
  box.setAttribute('viewBox', '0 0 1000 12');
  box.setAttribute('preserveAspectRatio', 'none');
  box.dataset.tone = share > 0.95 ? 'bad' : share > 0.8 ? 'warn' : '';
  const used = document.createElementNS(svg, 'rect');
  used.setAttribute('height', '12');
  // A sliver of something is not nothing.
  used.setAttribute('width', String(share > 0 ? Math.max(4, Math.min(share, 1) * 1000) : 0));
  box.append(used);
  return box;
}

function percentText(percent) {
  if (percent > 0 && percent < 0.1) return '<0.1';
  return percent > 0 && percent < 10 ? percent.toFixed(1) : String(Math.round(percent));
}

function textOf({ used, limit, show }) {
  if (limit === null) return `${show(used)} lent, no limit`;
  if (limit === 0) return used > 0 ? `${show(used)} lent of none` : 'none to lend';
  const percent = (used / limit) * 100;
  return `${show(used)} of ${show(limit)}, ${percentText(percent)} %`;
}

function draw(box, row) {
  const text = textOf(row);
  const share = row.limit > 0 ? row.used / row.limit : row.used > 0 && row.limit === 0 ? 1 : 0;
  box.replaceChildren(
    el('p', { class: 'meter-line' }, el('span', {}, row.label), el('span', {}, text)),
    bar(share, `${row.label}: ${text}`),
    row.overhead > 0 ? el('p', { class: 'meter-note' }, `and ${row.show(row.overhead)} kept for the system`) : '',
  );
}

export function drawCapacity({ capacity }) {
  const rows = units.map(([unit, label, show]) => ({
    label,
    show,
    used: capacity.used[unit] ?? 0,
    limit: capacity.capacity[unit],
    overhead: capacity.overhead[unit] ?? 0,
  }));
  const box = byId('capacity-bars');
  if (box.querySelector('.empty')) box.replaceChildren();
  reconcile(box, rows, { key: (row) => row.label, make: () => el('div'), draw, same: equal });
}
