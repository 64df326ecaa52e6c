// Asks the node again and again, tells what it said, and what to show while it
// does not answer.
import { askJson, askText } from './api.js';
import { readExposition } from './exposition.js';

const interval = 2000;
const longestPause = 10000;

async function askAll(signal) {
  const [status, capacity, types, waiting, quarantine, metrics] = await Promise.all([
    askJson('/v1/status', signal),
    askJson('/v1/capacity', signal),
    askJson('/v1/types', signal),
    askJson('/v1/waiting', signal),
    askJson('/v1/quarantine?limit=50', signal),
    askText('/metrics', signal),
  ]);
  return { status, capacity, types, waiting, quarantine, metrics: readExposition(metrics), at: new Date() };
}

/// Calls `onPicture` with what the node says, or `onLoss` with the reason, how
/// often it was tried in vain, and the milliseconds until the next try.
export class Poller {
  #handlers;
  #timer = 0;
  #asking = null;
  #failures = 0;

  constructor(handlers) {
    this.#handlers = handlers;
  }

  start() {
    if (!this.#asking) this.#ask();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
  }

  /// At once, not when it is due.
  hurry() {
    this.stop();
    this.start();
  }

  async #ask() {
    clearTimeout(this.#timer);
    const mine = new AbortController();
    this.#asking = mine;
    const told = await askAll(mine.signal).catch((reason) => reason);
    if (this.#asking !== mine) return;
    this.#asking = null;
    const isLost = told instanceof Error;
    // The other answers of this round are of no use.
    if (isLost) mine.abort();
    const pause = isLost ? Math.min(500 * 2 ** this.#failures, longestPause) : interval;
    this.#failures = isLost ? this.#failures + 1 : 0;
    this.#timer = setTimeout(() => this.#ask(), pause);
    if (isLost) this.#handlers.onLoss(told, this.#failures, pause);
    else this.#handlers.onPicture(told);
  }
}
