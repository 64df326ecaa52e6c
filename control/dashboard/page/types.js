// Workload types: which serve, and how much of each there is.
import { byId, el, equal, reconcile } from './dom.js';
import { badge, count } from './format.js';

function drawRow(row, one) {
  const state = one.health === 'none' ? 'not offered' : one.health;
  row.replaceChildren(
    el('td', {}, one.type, one.reason ? el('span', { class: 'reason' }, one.reason.message) : ''),
    el('td', {}, badge(state), one.cordoned ? ' ' : '', one.cordoned ? badge('cordoned') : ''),
    el('td', { class: 'count' }, count(one.workloads)),
    el('td', { class: 'count' }, count(one.waiting)),
  );
}

let offered = '';

/// Fills the choice of types above the reservations; what is chosen stays.
function drawChoice(types) {
  const names = types.map((one) => one.type);
  if (names.join() === offered) return;
  offered = names.join();
  const choice = byId('filter-type');
  const chosen = choice.value;
  choice.replaceChildren(el('option', { value: '' }, 'all'), ...names.map((name) => el('option', {}, name)));
  choice.value = names.includes(chosen) ? chosen : '';
}

export function drawTypes({ types: { types } }) {
  reconcile(byId('type-rows'), types, {
    key: (one) => one.type, make: () => el('tr'), draw: drawRow, same: equal,
  });
  byId('types-empty').hidden = types.length > 0;
  byId('types-empty').textContent = 'This node offers no type of workload.';
  drawChoice(types);
}
