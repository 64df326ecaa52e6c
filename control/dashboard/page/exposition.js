// Reads what /metrics tells (Prometheus' text format), and quantiles from it.

const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

function number(text) {
  if (text === '+Inf') return Infinity;
  return Number(text);
}

/// Name of each sample -> list of {labels, value}.
export function readExposition(text) {
  const all = new Map();
  for (const line of text.split('\n')) {
    const parts = line.startsWith('#') ? null : sample.exec(line);
    if (!parts) continue;
    const labels = {};
    for (const [, name, value] of (parts[2] ?? '').matchAll(label)) labels[name] = value;
    if (!all.has(parts[1])) all.set(parts[1], []);
    all.get(parts[1]).push({ labels, value: number(parts[3]) });
  }
  return all;
}

/// The sum of all samples of one name; 0 for none.
export const total = (all, name) => (all.get(name) ?? []).reduce((sum, one) => sum + one.value, 0);

/// The buckets of a histogram, summed over its other labels: [[limit, count], ...]
/// with rising limits, each count including those below it.
export function buckets(all, name) {
  const counts = new Map();
  for (const { labels, value } of all.get(`${name}_bucket`) ?? []) {
    const limit = number(labels.le);
    counts.set(limit, (counts.get(limit) ?? 0) + value);
  }
  return [...counts].sort((a, b) => a[0] - b[0]);
}

/// Which value a share of what came between two readings did not exceed; null if
/// nothing came. Between two limits the values count as evenly spread.
export function quantile(before, after, share) {
  const earlier = new Map(before);
  const grown = after.map(([limit, n]) => [limit, n - (earlier.get(limit) ?? 0)]);
  const all = grown.at(-1)?.[1] ?? 0;
  if (all <= 0) return null;
  let low = 0;
  let below = 0;
  for (const [limit, n] of grown) {
    if (n >= all * share) {
      if (limit === Infinity) return low;
      return low + (limit - low) * ((all * share - below) / (n - below));
    }
    low = limit;
    below = n;
  }
  return low;
}
