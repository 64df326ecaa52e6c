// What somebody who hears the page is told: changes that matter, never a flow.
import { byId } from './dom.js';

let last = '';

/// Says it once, when the listener is idle.
export function announce(text) {
  if (text === last) return;
  last = text;
  byId('announcer').textContent = text;
}
