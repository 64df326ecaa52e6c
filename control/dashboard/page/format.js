// Numbers, sizes and times as people read them.
import { el } from './dom.js';

const counts = new Intl.NumberFormat('en-GB');

/// 1234567 -> "1,234,567".
export const count = (n) => counts.format(n);

/// Bytes in the largest binary unit that leaves at least 1: "1.5 GiB".
export function bytes(n) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024;
    ++unit;
  }
  return `${n >= 100 || Number.isInteger(n) ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

/// Seconds as "340 µs", "12 ms", "3.2 s", "5 min", "2 h 3 min", "12 d 4 h".
export function span(seconds) {
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${Number((seconds * 1e3).toPrecision(2))} ms`;
  if (seconds < 60) return `${Number(seconds.toPrecision(2))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/// 0.25 -> "0.25", 12.34 -> "12.3", 1234.5 -> "1,235".
export const rate = (n) => (n >= 100 ? count(Math.round(n)) : String(Number(n.toPrecision(3))));

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

const exact = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

/// The time of day of a Date.
export const timeOfDay = (date) => clock.format(date);

/// A <time> for one of the node's times: today's as time of day, others with the
/// date; the UTC text on pointing at it. `otherwise` for none.
export function time(iso, otherwise = '–', form = clock) {
  if (!iso) return document.createTextNode(otherwise);
  const date = new Date(iso);
  const isToday = date.toDateString() === new Date().toDateString();
  const text = isToday ? form.format(date) : `${day.format(date)} ${form.format(date)}`;
  return el('time', { datetime: iso, title: iso }, text);
}

/// The same to the millisecond.
export const exactTime = (iso) => time(iso, '–', exact);

/// Text in which `what is typed` stands between backticks.
export const prose = (text) => text.split('`').map((part, i) => (i % 2 === 1 ? el('code', {}, part) : part));

/// What a reservation takes: "2 CPU, 4 GiB memory"; "–" for nothing.
export function takes(amounts) {
  const parts = [];
  if (amounts.cru) parts.push(`${count(amounts.cru)} CPU`);
  if (amounts.mru) parts.push(`${bytes(amounts.mru)} memory`);
  if (amounts.sru) parts.push(`${bytes(amounts.sru)} SSD`);
  if (amounts.hru) parts.push(`${bytes(amounts.hru)} HDD`);
  return parts.join(', ') || '–';
}

const tones = {
  ok: 'ok', serving: 'ok', provisioned: 'ok', running: 'ok', reported: 'ok',
  degraded: 'warn', suspended: 'warn', paused: 'warn', removing: 'warn', cordoned: 'warn',
  failed: 'bad', rejected: 'bad', quarantined: 'bad', refused: 'bad', damaged: 'bad', error: 'bad',
  starting: 'busy', accepted: 'busy', applying: 'busy', retried: 'warn',
};

/// Which colour a state has; the word itself is always there too.
export const toneOf = (state) => tones[state] ?? 'quiet';

/// A state in its colour.
export const badge = (state) => el('span', { class: 'badge', 'data-tone': toneOf(state) }, state);
