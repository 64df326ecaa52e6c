// One reservation: why it is as it is, its timeline, and all that is known of it.
import { Refusal, askJson, reservationPath } from './api.js';
import { announce } from './announce.js';
import { byId, el, say } from './dom.js';
import { badge, bytes, count, exactTime, prose, span, takes, time, toneOf } from './format.js';

const place = '#/reservation/';

/// A link that opens a reservation.
export const linkTo = (id) => el('a', { class: 'mono', href: place + encodeURIComponent(id) }, id);

let shown = null;
let asking = null;

function idInPlace() {
  if (!location.hash.startsWith(place)) return null;
  try {
    return decodeURIComponent(location.hash.slice(place.length));
  } catch {
    return null;
  }
}

function section(title, ...content) {
  return el('section', {}, el('h3', {}, title), ...content);
}

function timeline(steps) {
  let last = null;
  return el('ol', { class: 'timeline' }, ...steps.map((step) => {
    const at = step.at ? new Date(step.at) : null;
    const after = at && last ? (at - last) / 1000 : null;
    last = at ?? last;
    return el('li', {},
      el('div', { class: 'when' }, exactTime(step.at),
        after === null ? '' : el('span', {}, after > 0 ? `${span(after)} later` : 'at once')),
      el('div', {}, step.what));
  }));
}

function pairs(rows) {
  const list = el('dl', { class: 'record' });
  for (const [term, what] of rows)
    if (what !== null && what !== '') list.append(el('dt', {}, term), el('dd', {}, what));
  return list;
}

function recordPart(record) {
  return section('Record', pairs([
    ['user', record.user],
    ['source', record.source],
    ['takes', takes(record.takes)],
    ['network', record.network ?? null],
    ['accepted', time(record.accepted_at)],
    ['settled', time(record.settled_at, 'not yet')],
    ['expires', time(record.expires, 'never')],
    ['version', String(record.version)],
    ['tries', count(record.attempts)],
    ['deaths of the daemon', record.deaths ? count(record.deaths) : null],
    ['removed because', record.removal_cause ? `${record.removal_cause}: ${record.removal_reason}` : null],
  ]));
}

function resultPart(result) {
  const has = result.data !== null;
  return section('Signed result',
    pairs([['says', badge(result.state)], ['made', time(result.created)], ['error', result.error]]),
    has ? el('pre', { tabindex: '0', 'aria-label': 'Data of the result' }, JSON.stringify(result.data, null, 2)) : '');
}

function reportsPart(reports) {
  return section('Reports that the explorer does not have yet', el('ul', {}, ...reports.map((one) =>
    el('li', {}, `${one.kind}, ${bytes(one.bytes)}${one.parked ? `, refused for good: ${one.reason}` : ', is being sent'}`))));
}

function draw(told, all) {
  const state = all.record?.state ?? (all.quarantine ? 'quarantined' : all.tombstone ? 'gone' : 'unknown');
  say(byId('detail-title'), `${all.record?.type ?? 'reservation'} ${all.id}`);
  const mark = byId('detail-state');
  say(mark, state);
  mark.dataset.tone = toneOf(state);
  mark.hidden = false;
  byId('detail-body').replaceChildren(
    el('p', { class: 'summary' }, told.summary),
    el('p', { class: 'note' }, 'code ', el('code', {}, told.code)),
    told.steps.length > 0 ? section('How it came to this', timeline(told.steps)) : '',
    told.next.length > 0 ? section('What comes next', el('ul', { class: 'next' }, ...told.next.map((line) => el('li', {}, ...prose(line))))) : '',
    all.record?.result ? resultPart(all.record.result) : '',
    all.record ? recordPart(all.record) : '',
    all.tombstone ? section('Gone', pairs([
      ['since', time(all.tombstone.gone_at)], ['version', String(all.tombstone.version)],
      ['replaced by', all.tombstone.migrated_to ? linkTo(all.tombstone.migrated_to) : null]])) : '',
    all.quarantine ? section('Set aside', pairs([
      ['since', time(all.quarantine.since)], ['source', all.quarantine.source],
      ['because', all.quarantine.reason?.message ?? null], ['size', bytes(all.quarantine.bytes)]])) : '',
    all.reports.length > 0 ? reportsPart(all.reports) : '',
  );
}

function drawTrouble(id, reason) {
  say(byId('detail-title'), `reservation ${id}`);
  byId('detail-state').hidden = true;
  byId('detail-body').replaceChildren(
    el('p', { class: 'summary' }, reason instanceof Refusal ? reason.message : 'The node does not answer; it is asked again.'));
}

async function load(id, { isSilent = false } = {}) {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  try {
    const [told, all] = await Promise.all([
      askJson(`${reservationPath(id)}/explanation`, mine.signal),
      askJson(reservationPath(id), mine.signal),
    ]);
    if (asking !== mine) return;
    draw(told, all);
    if (!isSilent) announce(told.summary);
  } catch (reason) {
    if (asking !== mine) return;
    if (!isSilent || reason instanceof Refusal) drawTrouble(id, reason);
  } finally {
    if (asking === mine) asking = null;
  }
}

function follow() {
  const id = idInPlace();
  const sheet = byId('detail');
  if (id === null || id === '') {
    if (sheet.open) sheet.close();
    return;
  }
  shown = id;
  say(byId('detail-title'), `reservation ${id}`);
  byId('detail-state').hidden = true;
  byId('detail-body').replaceChildren(el('p', { class: 'empty' }, 'Asking the node…'));
  if (!sheet.open) sheet.showModal();
  byId('detail-title').focus();
  load(id);
}

/// Before the sheet is closed, so that the next click opens one anew.
function leave() {
  if (shown === null) return;
  shown = null;
  asking?.abort();
  asking = null;
  // Without an entry of its own, so that going back leaves the page.
  history.replaceState(null, '', location.pathname);
}

/// These have news; or, without ids, the node is back.
export function refreshDetail(ids) {
  if (shown !== null && byId('detail').open && !asking && (!ids || ids.has(shown)))
    load(shown, { isSilent: true });
}

export function startDetail() {
  const sheet = byId('detail');
  const close = () => { leave(); sheet.close(); };
  byId('detail-close').addEventListener('click', close);
  // Beside the sheet.
  sheet.addEventListener('click', (event) => { if (event.target === sheet) close(); });
  // Escape.
  sheet.addEventListener('cancel', leave);
  // This comes late: another may be open by now.
  sheet.addEventListener('close', () => { if (!sheet.open) leave(); });
  addEventListener('hashchange', follow);
  follow();
}
