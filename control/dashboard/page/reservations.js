// The table of reservations, one page of it at a time: a node may have a hundred
// thousand, and the node is asked only for the rows that are shown.
import { Refusal, askJson } from './api.js';
import { announce } from './announce.js';
import { byId, el, equal, reconcile } from './dom.js';
import { badge, count, takes, time } from './format.js';
import { linkTo } from './detail.js';

const rowsPerPage = 25;
/// Records that the node looks at for one answer, when it is to find few of many.
const looksPerAnswer = 1000;

/// Where each page begins: behind this id. The last one is shown.
let begins = [''];
let next = '';
let asking = null;
let isDirty = false;

const filters = () => Object.fromEntries(
  [...new FormData(byId('filters'))].map(([name, value]) => [name, value.trim()]));

function pathOf(chosen, after) {
  const isSearch = Boolean(chosen.type || chosen.state || chosen.user);
  const query = new URLSearchParams({ limit: String(isSearch ? looksPerAnswer : rowsPerPage + 1) });
  for (const [name, value] of Object.entries(chosen)) if (value) query.set(name, value);
  if (after) query.set('after', after);
  return `/v1/reservations?${query}`;
}

/// One page of rows from `after` on, and where the next one begins; it asks until
/// the page is full, because a filter may leave little of each answer.
async function readPage(after, signal) {
  const chosen = filters();
  const rows = [];
  let looked = 0;
  for (let from = after; ;) {
    const answer = await askJson(pathOf(chosen, from), signal);
    rows.push(...answer.reservations);
    looked += looksPerAnswer;
    from = answer.next;
    if (rows.length > rowsPerPage) {
      const shown = rows.slice(0, rowsPerPage);
      return { rows: shown, next: shown.at(-1).id };
    }
    if (!from) return { rows, next: '' };
    if (looked >= looksPerAnswer * 5)
      byId('rows-note').textContent = `searching, ${count(looked)} looked at…`;
  }
}

function drawRow(row, one) {
  const says = one.result?.error || one.removal_reason || '';
  const cell = (attributes, ...what) => el('td', attributes, ...what);
  const link = row.querySelector('a') ?? linkTo(one.id);
  const cells = [
    cell({ class: 'from-m' }, one.user),
    cell({ class: 'from-m' }, takes(one.takes)),
    cell({ class: 'from-m time' }, time(one.accepted_at)),
    cell({ class: 'from-l time' }, time(one.expires, 'never')),
    cell({ class: 'from-l says' }, el('span', { class: 'one-line', title: says }, says)),
  ];
  // The link stays where it is: it may have the focus.
  if (!link.isConnected) row.append(el('td', { class: 'mono' }, link));
  while (row.cells.length > 1) row.lastElementChild.remove();
  row.append(cell({}, one.type), cell({}, badge(one.state)), ...cells);
}

function draw(page) {
  next = page.next;
  reconcile(byId('rows'), page.rows, {
    key: (one) => one.id, make: () => el('tr'), draw: drawRow, same: equal,
  });
  const first = (begins.length - 1) * rowsPerPage;
  const isFiltered = Object.values(filters()).some(Boolean);
  byId('rows-empty').hidden = page.rows.length > 0;
  byId('rows-empty').textContent = isFiltered
    ? 'No reservation is like this.' : 'The node has no reservations yet.';
  byId('rows-note').textContent = page.rows.length === 0 ? ''
    : `rows ${count(first + 1)} to ${count(first + page.rows.length)}${next ? ', more follow' : ', the end'}`;
  byId('page-first').disabled = byId('page-back').disabled = begins.length === 1;
  byId('page-on').disabled = !next;
}

async function show({ isSilent = false } = {}) {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  isDirty = false;
  try {
    const page = await readPage(begins.at(-1), mine.signal);
    if (asking !== mine) return;
    draw(page);
    if (!isSilent) announce(byId('rows-note').textContent || byId('rows-empty').textContent);
  } catch (reason) {
    if (asking !== mine) return;
    // That the node is away is told above the whole page; it is asked again.
    isDirty = true;
    if (reason instanceof Refusal) byId('rows-note').textContent = reason.message;
  } finally {
    if (asking === mine) asking = null;
  }
}

/// Turns a page; whoever pressed the button keeps a button.
async function turn(change, button) {
  change();
  await show();
  if (button.disabled) [byId('page-on'), byId('page-back')].find((one) => !one.disabled)?.focus();
}

/// Something happened: the rows may be others. `refreshReservations` asks.
export function touchReservations() {
  isDirty = true;
}

/// Asks again if there is a reason to, and nothing is being asked.
export function refreshReservations() {
  if (isDirty && !asking) show({ isSilent: true });
}

export function startReservations() {
  const on = (id, change) => byId(id).addEventListener('click', () => turn(change, byId(id)));
  on('page-first', () => { begins = ['']; });
  on('page-back', () => { begins.pop(); });
  on('page-on', () => { begins.push(next); });
  let timer = 0;
  const search = () => { begins = ['']; show(); };
  byId('filters').addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(search, 200);
  });
  byId('filters').addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search();
  });
  isDirty = true;
}
