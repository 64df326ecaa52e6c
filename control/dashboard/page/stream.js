// Follows the node's events (server-sent events). Not an EventSource: that one
// hands over only events whose names are known beforehand, and says nothing about
// why it was refused.

/// A line comes every 10 s at least; after this silence the connection is dead.
const silence = 25000;
const firstPause = 500;
const longestPause = 10000;

function toEvent(block) {
  let data = '';
  for (const line of block.split('\n'))
    if (line.startsWith('data: ')) data += line.slice('data: '.length);
  return data ? JSON.parse(data) : null;
}

async function readOnce({ after, first, onOpen, onEvents, signal }) {
  const quiet = new AbortController();
  let alarm = setTimeout(() => quiet.abort(), silence);
  const headers = { Accept: 'text/event-stream' };
  if (after) headers['Last-Event-ID'] = String(after);
  try {
    const answer = await fetch(`/v1/events?last=${first}`, {
      headers,
      signal: AbortSignal.any([signal, quiet.signal]),
      cache: 'no-store',
      credentials: 'omit',
    });
    if (!answer.ok) throw new Error((await answer.json()).error.message);
    onOpen();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(alarm);
      alarm = setTimeout(() => quiet.abort(), silence);
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop();
      const events = blocks.map(toEvent).filter((event) => event !== null);
      if (events.length > 0) onEvents(events);
    }
  } finally {
    clearTimeout(alarm);
  }
}

/// Calls `onEvents` with lists of events, oldest first, until `signal` ends it: the
/// `first` newest ones, or those behind number `after` if there is one, then all
/// that follow. `onOpen` hears that it listens, `onLoss` why it does not, after
/// which it goes on where it was.
export async function follow({ after = 0, first, onOpen, onLoss, onEvents, signal }) {
  let pause = firstPause;
  const take = (events) => {
    after = events.at(-1).sequence;
    pause = firstPause;
    onEvents(events);
  };
  while (!signal.aborted) {
    const loss = await readOnce({ after, first, onOpen, onEvents: take, signal }).catch((reason) => reason);
    if (signal.aborted) return;
    onLoss(loss instanceof Error && !(loss instanceof TypeError) ? loss.message : 'the connection was lost');
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
    });
    pause = Math.min(pause * 2, longestPause);
  }
}
