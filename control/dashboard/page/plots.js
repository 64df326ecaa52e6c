// Throughput and latency while the page is open. The daemon keeps no past: whoever
// wants one asks Prometheus (docs/metrics.md).
import { byId, el } from './dom.js';
import { buckets, quantile, total } from './exposition.js';
import { rate, span } from './format.js';

/// Seconds that a plot shows: as long as the page is open, within these.
const shortest = 120;
const longest = 600;

const throughput = [
  { label: 'made', of: (m) => total(m, 'provisiond_provisioned_total') },
  { label: 'failed or rejected', dash: [6, 3],
    of: (m) => total(m, 'provisiond_provision_failed_total') + total(m, 'provisiond_provision_rejected_total') },
  { label: 'removed', dash: [2, 2], of: (m) => total(m, 'provisiond_removed_total') },
];

const latency = [
  { label: 'whole way, median', name: 'provisiond_provision_sli_duration_seconds', share: 0.5 },
  { label: 'whole way, 99 %', name: 'provisiond_provision_sli_duration_seconds', share: 0.99, dash: [6, 3] },
  { label: 'disk sync, 99 %', name: 'provisiond_store_sync_seconds', share: 0.99, dash: [2, 2] },
  { label: 'report, 99 %', name: 'provisiond_deliver_duration_seconds', share: 0.99, dash: [8, 2, 2, 2] },
];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/// One plot, its canvas and the legend that says the newest values in words.
class Plot {
  constructor(name, series, options) {
    this.series = series;
    this.show = options.show;
    this.legend = byId(`${name}-legend`);
    this.points = series.map(() => []);
    this.chart = new globalThis.Chart(byId(`${name}-canvas`), {
      type: 'line',
      data: {
        datasets: series.map((one, i) => ({
          label: one.label,
          data: this.points[i],
          borderDash: one.dash ?? [],
          borderWidth: 1.75,
          // A value between two gaps has no line to be seen by.
          pointRadius: ({ dataIndex: at, dataset: { data } }) =>
            ((data[at - 1]?.y ?? null) === null && (data[at + 1]?.y ?? null) === null ? 2.5 : 0),
          pointHitRadius: 6,
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        parsing: false,
        normalized: true,
        interaction: { mode: 'nearest', axis: 'x', intersect: false },
        plugins: {
          legend: { display: false },
          tooltip: {
            callbacks: {
              title: (items) => (items.length > 0 ? `${span(Math.max(0, this.now - items[0].parsed.x))} ago` : ''),
              label: (item) => `${item.dataset.label}: ${options.show(item.parsed.y)}`,
            },
          },
        },
        scales: {
          x: {
            type: 'linear',
            ticks: {
              maxRotation: 0,
              includeBounds: false,
              callback: (at) => {
                const ago = Math.round(this.now - at);
                if (ago < 5) return 'now';
                return ago % 60 === 0 ? `−${ago / 60} min` : `−${ago} s`;
              },
            },
          },
          y: { ...options.y, ticks: { maxTicksLimit: 5, callback: options.tick } },
        },
      },
    });
    this.now = 0;
    this.paint();
    this.draw();
  }

  /// Takes the page's colours over; they change with the system's.
  paint() {
    const font = getComputedStyle(document.body);
    const { chart } = this;
    chart.data.datasets.forEach((one, i) => {
      one.borderColor = one.backgroundColor = colour(`--plot-${i + 1}`);
    });
    for (const axis of Object.values(chart.options.scales)) {
      axis.grid = { color: colour('--line'), drawTicks: false };
      axis.border = { color: colour('--line') };
      axis.ticks.color = colour('--muted');
      axis.ticks.padding = 6;
      axis.ticks.font = { family: font.fontFamily, size: parseFloat(font.fontSize) * 0.857 };
    }
    Object.assign(chart.options.plugins.tooltip, {
      backgroundColor: colour('--text'), titleColor: colour('--panel'), bodyColor: colour('--panel'),
    });
  }

  add(at, values) {
    this.now = at;
    values.forEach((value, i) => {
      const line = this.points[i];
      line.push({ x: at, y: value });
      while (line.length > 0 && line[0].x < at - longest - 10) line.shift();
    });
  }

  draw() {
    const first = this.points[0][0]?.x ?? this.now;
    const shown = Math.min(Math.max(Math.ceil((this.now - first) / 60) * 60, shortest), longest);
    const { x } = this.chart.options.scales;
    x.min = this.now - shown;
    x.max = this.now;
    x.ticks.stepSize = shown > 300 ? 120 : shown > shortest ? 60 : 30;
    this.chart.update('none');
    this.legend.replaceChildren(...this.series.map((one, i) => {
      const newest = this.points[i].findLast((point) => point.y !== null)?.y ?? null;
      return el('li', {}, stroke(i, one.dash),
        `${one.label}: ${newest === null ? 'nothing yet' : this.show(newest)}`);
    }));
  }
}

function stroke(i, dash = []) {
  const svg = 'http://www.w3.org/2000/svg';
  const box = document.createElementNS(svg, 'svg');
  box.setAttribute('viewBox', '0 0 20 10');
  box.setAttribute('aria-hidden', 'true');
  box.setAttribute('class', `s${i + 1}`);
  const line = document.createElementNS(svg, 'line');
  for (const [name, value] of Object.entries({
    x1: 0, x2: 20, y1: 5, y2: 5, 'stroke-width': 2, 'stroke-dasharray': dash.join(' ') }))
    line.setAttribute(name, value);
  box.append(line);
  return box;
}

let plots = null;
let before = null;

function start() {
  globalThis.Chart.defaults.locale = 'en-GB';
  plots = {
    throughput: new Plot('throughput', throughput, {
      show: (n) => `${rate(n)}/s`,
      y: { beginAtZero: true, suggestedMax: 1 },
      tick: (n) => rate(n),
    }),
    latency: new Plot('latency', latency, {
      show: span,
      y: { type: 'logarithmic', suggestedMin: 1e-4, suggestedMax: 1 },
      // Powers of ten only: others would crowd the axis.
      tick: (n) => (Number.isInteger(Math.round(Math.log10(n) * 1e6) / 1e6) ? span(n) : ''),
    }),
  };
  const repaint = () => {
    for (const plot of Object.values(plots)) {
      plot.paint();
      plot.draw();
    }
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  // Letters are larger on larger screens.
  addEventListener('resize', repaint);
}

function valuesOf(metrics) {
  return {
    counts: throughput.map((one) => one.of(metrics)),
    buckets: latency.map((one) => buckets(metrics, one.name)),
    started: total(metrics, 'process_start_time_seconds'),
  };
}

export function drawPlots({ metrics, at }) {
  if (!plots) start();
  const now = { ...valuesOf(metrics), at: at.getTime() / 1000 };
  // A daemon that was started anew counts from nothing.
  if (before && before.started === now.started) {
    const seconds = Math.max(now.at - before.at, 0.001);
    plots.throughput.add(now.at, now.counts.map((n, i) => Math.max(0, n - before.counts[i]) / seconds));
    plots.latency.add(now.at, latency.map((one, i) => quantile(before.buckets[i], now.buckets[i], one.share)));
    for (const plot of Object.values(plots)) plot.draw();
  } else if (before) {
    for (const plot of Object.values(plots)) plot.add(now.at, plot.series.map(() => null));
  }
  before = now;
}
