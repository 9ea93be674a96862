/// The script of the report: sorts tables and, where Chart.js is in the page, draws the charts from the JSON in it.
enum ReportScript {
    static let text = #"""
        'use strict';
        (() => {
          const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

          // Sorting stays inside each body: kinds of likelihood are never mixed.
          each('table.sortable thead th', th => {
            if (!th.dataset.sort) return;
            const button = document.createElement('button');
            button.type = 'button'; button.className = 'sort';
            while (th.firstChild) button.append(th.firstChild);
            th.append(button);
            button.addEventListener('click', () => sortBy(th));
          });
          const key = (row, column) => {
            const cell = row.cells[column], text = cell ? cell.dataset.value ?? cell.textContent.trim() : '';
            const number = Number(text);
            return text === '' ? null : Number.isNaN(number) ? text : number;
          };
          const compare = (a, b) => typeof a === 'number' && typeof b === 'number' ? a - b
            : String(a).localeCompare(String(b), 'en');
          function sortBy(th) {
            const table = th.closest('table'), column = Number(th.dataset.column);
            const first = th.dataset.sort === 'descending' ? -1 : 1;
            const now = th.getAttribute('aria-sort');
            const direction = !now ? first : now === 'ascending' ? -1 : 1;
            table.querySelectorAll('thead th').forEach(other => other.removeAttribute('aria-sort'));
            th.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
            for (const body of table.tBodies) {
              const rows = [...body.rows].filter(row => !row.classList.contains('kind'));
              rows.map(row => [key(row, column), row]).sort(([a], [b]) =>
                a === null ? (b === null ? 0 : 1) : b === null ? -1 : direction * compare(a, b)
              ).forEach(([, row]) => body.append(row));
            }
          }

          // On paper everything is open, and two charts share the width of a page.
          const charts = [];
          let opened = [];
          addEventListener('beforeprint', () => {
            opened = [...document.querySelectorAll('details:not([open])')];
            opened.forEach(item => item.open = true);
            charts.forEach(chart => chart.resize(350, 250));
          });
          addEventListener('afterprint', () => {
            opened.forEach(item => item.open = false);
            charts.forEach(chart => chart.resize());
          });

          if (typeof Chart === 'undefined') return;
          document.documentElement.classList.add('script');
          const { results, looks, variants } = JSON.parse(document.getElementById('data').textContent);
          const look = Object.fromEntries(looks.map(item => [item.model, item]));
          const best = results.data.best_possible_bits_per_byte;

          const three = x => x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2);
          const scaled = (x, base, units) => {
            let i = 0;
            while (x >= base * 0.9995 && i + 1 < units.length) { x /= base; i++; }
            return (Number.isInteger(x) ? String(x) : three(x)) + units[i];
          };
          const count = x => scaled(x, 1000, ['', 'k', 'M', 'G', 'T']);
          const bytes = x => scaled(x, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB']);
          const length = x => x >= 1024 && x % 1024 === 0 ? x / 1024 + 'k' : String(x);
          const time = s => s < 60 ? three(s) + ' s' : s < 3600
            ? Math.floor(s / 60) + ' min ' + Math.round(s % 60) + ' s' : (s / 3600).toFixed(1) + ' h';

          Object.assign(Chart.defaults.font, { family: getComputedStyle(document.body).fontFamily, size: 12.5 });
          Chart.defaults.color = '#5a6675';
          const ink = '#1b2430', grid = '#e6eaee';

          function dataset(model, points, extra) {
            const style = look[model];
            // About eight marks on a line, whatever its length; a cross where a run failed.
            const every = Math.max(1, Math.round(points.length / 8));
            const failed = index => extra.failed && index === points.length - 1;
            return {
              model, clip: { left: 8, top: 0, right: 8, bottom: 8 }, data: points, borderColor: style.colour, backgroundColor: style.colour, borderDash: style.dash,
              borderWidth: extra.width ?? (looks.length > 6 ? 1.5 : 2),
              pointStyle: ({ dataIndex: i }) => failed(i) ? 'crossRot'
                : style.shape === 'triangleDown' ? 'triangle' : style.shape,
              pointRotation: ({ dataIndex: i }) => !failed(i) && style.shape === 'triangleDown' ? 180 : 0,
              pointRadius: ({ dataIndex: i }) => failed(i) ? 7 : points.length < 12 || (i + style.index) % every === 0
                || i === points.length - 1 ? (looks.length > 6 ? 3.5 : 4.5) : 0,
              pointBorderWidth: ({ dataIndex: i }) => failed(i) ? 3 : 1,
              pointHoverRadius: 6, label: extra.label ?? model,
            };
          }
          function axis(title, more) {
            return { title: { display: true, text: title, color: ink }, grid: { color: grid, borderColor: '#a9b2bd' },
              ...more };
          }
          function draw(id, datasets, x, y, describe) {
            const canvas = document.getElementById(id);
            if (!canvas || datasets.length === 0) return;
            charts.push(new Chart(canvas, {
              type: 'line', data: { datasets },
              options: {
                animation: false, maintainAspectRatio: false, parsing: false,
                interaction: { mode: 'nearest', intersect: false }, scales: { x, y },
                layout: { padding: { top: 8, right: 14 } },
                plugins: { legend: { display: false },
                  tooltip: { filter: item => item.dataset.model !== undefined, backgroundColor: ink, usePointStyle: true,
                    callbacks: { title: items => items.map(item => item.dataset.label), label: describe } } },
              },
            }));
          }

          const seeds = results.budget.seeds.length;
          const runs = results.rows.filter(row => row.curve.length > 0);
          const named = row => ({ failed: row.status !== 'ok', width: seeds > 1 ? 1.3 : undefined,
            label: seeds > 1 ? row.model + ', seed ' + row.seed : row.model });
          // The first steps fall from 8 bits and would squeeze all that matters into the lowest tenth of the frame.
          const end = Math.max(...runs.map(row => row.curve.at(-1)[0]));
          const tops = runs.map(row => (row.curve.find(point => point[0] >= end * 0.1) ?? row.curve[0])[1]);
          const lows = runs.flatMap(row => row.curve.map(point => point[1])).concat(best === null ? [] : [best]);
          const low = Math.min(...lows), high = Math.max(...tops), margin = Math.max((high - low) * 0.06, 0.02);
          const bits = { min: Math.max(0, low - margin), max: high + margin,
            ticks: { includeBounds: false, callback: value => value.toFixed(high - low < 0.5 ? 2 : 1) } };
          const withBest = (datasets, last) => best === null || !(last > 0) ? datasets : datasets.concat({
            data: [{ x: 0, y: best }, { x: last, y: best }], borderColor: ink, borderWidth: 1.2, borderDash: [4, 4],
            pointRadius: 0, pointHoverRadius: 0, label: 'best possible' });
          const loss = unit => item => item.parsed.y.toFixed(3) + ' bits/byte after ' + unit(item.parsed.x);

          draw('chart-tokens', withBest(runs.map(row =>
            dataset(row.model, row.curve.map(([x, y]) => ({ x, y })), named(row))), end),
            axis('training tokens', { type: 'linear', min: 0, max: end, ticks: { callback: count, maxTicksLimit: 8, includeBounds: false } }),
            axis('bits per byte', bits), loss(x => count(x) + ' tokens'));

          const timed = runs.filter(row => row.curve_seconds.length === row.curve.length);
          const latest = Math.max(...timed.map(row => row.curve_seconds.at(-1)));
          draw('chart-seconds', withBest(timed.map(row =>
            dataset(row.model, row.curve.map(([, y], i) => ({ x: row.curve_seconds[i], y })), named(row))), latest),
            axis('seconds of training', { type: 'linear', min: 0, max: latest,
              ticks: { callback: x => x < 1000 ? String(+x.toPrecision(3)) : count(x), maxTicksLimit: 8,
                includeBounds: false } }),
            axis('bits per byte', bits), loss(time));

          // Seeds differ in their figures only by noise of the clock: one line for each model, their mean.
          const contexts = [...new Set(results.rows.flatMap(row => row.decode.map(figure => figure.context)))]
            .sort((a, b) => a - b);
          function means(field) {
            return looks.map(({ model }) => dataset(model, contexts.flatMap(context => {
              const values = results.rows.filter(row => row.model === model && row.status === 'ok')
                .flatMap(row => row.decode.filter(figure => figure.context === context).map(figure => figure[field]))
                .filter(value => value > 0);
              return values.length ? [{ x: context, y: values.reduce((a, b) => a + b, 0) / values.length }] : [];
            }), {})).filter(set => set.data.length > 0);
          }
          const atContexts = { type: 'logarithmic',
            min: contexts[0] / 1.15, max: contexts.at(-1) * 1.15, ticks: { callback: length, maxRotation: 0 },
            afterBuildTicks: scale => { scale.ticks = contexts.map(value => ({ value })); } };
          // Ticks at powers of a base, so few that they can be read.
          const powers = base => scale => {
            const span = Math.log(scale.max / scale.min) / Math.log(base), step = Math.max(1, Math.ceil(span / 6));
            const ticks = [];
            for (let k = Math.ceil(Math.log(scale.min) / Math.log(base)); base ** k <= scale.max * 1.001; k += step)
              ticks.push({ value: base ** k });
            // Figures so close together that no two powers lie among them.
            scale.ticks = ticks.length > 1 ? ticks
              : [scale.min, Math.sqrt(scale.min * scale.max), scale.max].map(value => ({ value }));
          };
          const around = (datasets, factor) => {
            const values = datasets.flatMap(set => set.data.map(point => point.y));
            return { min: Math.min(...values) / factor, max: Math.max(...values) * factor };
          };
          const speed = means('tokens_per_second'), state = means('state_bytes');
          draw('chart-decode', speed, axis('context, tokens already read', atContexts),
            axis('new tokens a second', { type: 'logarithmic', ...around(speed, 1.5), afterBuildTicks: powers(
              Math.max(...speed.flatMap(s => s.data.map(p => p.y))) > 30 * Math.min(...speed.flatMap(s => s.data.map(p => p.y)))
                ? 10 : 2), ticks: { callback: count } }),
            item => three(item.parsed.y) + ' tokens/s at ' + length(item.parsed.x));
          draw('chart-state', state, axis('context, tokens already read', atContexts),
            axis('bytes of state', { type: 'logarithmic', ...around(state, 1.6), afterBuildTicks: powers(4),
              ticks: { callback: bytes } }),
            item => bytes(item.parsed.y) + ' at ' + length(item.parsed.x));

          \#(variants)

          const toggles = [...document.querySelectorAll('.legend button[data-model]')];
          function show(chosen) {
            const visible = new Set(toggles.filter(chosen).map(button => button.dataset.model));
            toggles.forEach(button => button.setAttribute('aria-pressed', visible.has(button.dataset.model)));
            for (const chart of charts) {
              chart.data.datasets.forEach((set, i) =>
                chart.setDatasetVisibility(i, set.model === undefined || visible.has(set.model)));
              chart.update();
            }
          }
          const isShown = button => button.getAttribute('aria-pressed') === 'true';
          toggles.forEach(button => button.addEventListener('click', () =>
            show(other => other === button ? !isShown(button) : isShown(other))));
          each('.legend button[data-show]', button =>
            button.addEventListener('click', () => show(() => button.dataset.show === 'all')));
        })();
        """#
}
