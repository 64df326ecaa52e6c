// Asking the node.

/// How long an answer may take before the node counts as away.
const patience = 8000;

/// The node answered, and says no.
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function ask(path, signal) {
  const limit = AbortSignal.timeout(patience);
  const answer = await fetch(path, {
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    cache: 'no-store',
    credentials: 'omit',
  });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => null);
  // The daemon is there, and the node behind it is not.
  if (answer.status === 503) throw new Error(told?.error?.message ?? 'it is not running');
  throw new Refusal(answer.status, told?.error?.code ?? '', told?.error?.message ?? answer.statusText);
}

/// The JSON at `path`; throws a Refusal if the node says no, any other Error if it
/// does not answer.
export const askJson = async (path, signal) => (await ask(path, signal)).json();

/// The text at `path`; throws as askJson does.
export const askText = async (path, signal) => (await ask(path, signal)).text();

/// Where one reservation is found.
export const reservationPath = (id) => `/v1/reservations/${encodeURIComponent(id)}`;
