// Who the node is, how it is, and its numbers.
import { byId, el, equal, reconcile, say } from './dom.js';
import { count, span, toneOf } from './format.js';
import { total } from './exposition.js';
import { announce } from './announce.js';

function fact(term, ...what) {
  return el('div', {}, el('dt', {}, term), el('dd', {}, ...what));
}

function drawFacts(status) {
  const age = (new Date(status.now) - new Date(status.started_at)) / 1000;
  byId('node-facts').replaceChildren(
    fact('version', status.version),
    fact('up', span(Math.max(age, 0))),
    fact('explorer', status.explorer || 'none'),
  );
}

/// [label, number, tone] of each figure; a tone only where something is wrong.
function groupsOf({ status, metrics }) {
  const { engine, reports, store } = status;
  const live = Object.values(status.workloads).reduce((sum, n) => sum + n, 0);
  const retried = total(metrics, 'provisiond_provision_retried_total');
  const flight = engine.in_flight;
  return [
    {
      title: 'In the node’s hands',
      rows: [
        ['running', live],
        ['queued', engine.queue],
        ['settling', engine.unsettled],
        ['waiting', engine.waiting, engine.waiting ? 'warn' : null],
      ],
      note: flight ? `at a provisioner: ${flight.id}` : 'no provisioner is at work',
    },
    {
      title: 'Since the daemon started',
      rows: [
        ['made', engine.provisioned],
        ['failed', engine.failed, engine.failed ? 'bad' : null],
        ['rejected', engine.rejected, engine.rejected ? 'bad' : null],
        ['removed', engine.removed],
      ],
      note: `${count(retried)} retries, ${count(engine.known)} known already`,
    },
    {
      title: 'Reports to the explorer',
      rows: [
        ['owed', reports.owed, reports.away_since ? 'warn' : null],
        ['sending', reports.in_flight],
        ['delivered', reports.delivered],
        ['parked', reports.parked, reports.parked ? 'bad' : null],
      ],
      note: reports.away_since
        ? `away: ${reports.last_failure?.message ?? 'no answer'}`
        : 'the explorer takes them',
    },
    {
      title: 'On the disk',
      rows: [
        ['set aside', store.quarantined, store.quarantined ? 'warn' : null],
        ['gone', store.tombstones],
        ['refused', engine.refused, engine.refused ? 'warn' : null],
        ['salvaged', store.salvaged_at_start, store.salvaged_at_start ? 'warn' : null],
      ],
      note: store.next_deadline ? `next to expire: ${store.next_deadline}` : 'nothing expires',
    },
  ];
}

function drawGroup(box, group) {
  box.replaceChildren(
    el('h3', {}, group.title),
    el('dl', {},
      ...group.rows.map(([label, number, tone]) =>
        el('div', {}, el('dt', {}, label), el('dd', { 'data-tone': tone }, count(number))))),
    el('p', { class: 'meter-note' }, group.note),
  );
}

function drawProblems(problems) {
  byId('problems').hidden = problems.length === 0;
  reconcile(byId('problems-list'), problems, {
    key: (one) => one.code + one.message,
    make: () => el('li'),
    draw: (li, one) => li.replaceChildren(
      el('span', { class: 'badge', 'data-tone': 'warn' }, one.code.replaceAll('_', ' ')), el('span', {}, one.message)),
    same: equal,
  });
}

let health = null;

function drawHealth(status) {
  const mark = byId('health');
  say(mark, status.health);
  mark.dataset.tone = toneOf(status.health);
  if (health !== null && health !== status.health) announce(`The node is ${status.health}.`);
  health = status.health;
}

export function drawOverview(picture) {
  const { status } = picture;
  const name = byId('node-id');
  say(name, status.node_id.length > 16 ? `${status.node_id.slice(0, 8)}…${status.node_id.slice(-6)}` : status.node_id);
  name.title = status.node_id;
  document.title = `${status.health === 'ok' ? '' : `${status.health} – `}${status.node_id.slice(0, 8)} – provisiond`;
  drawHealth(status);
  drawFacts(status);
  drawProblems(status.problems);
  reconcile(byId('numbers'), groupsOf(picture), {
    key: (group) => group.title,
    make: () => el('div'),
    draw: drawGroup,
    same: equal,
  });
}
