/// The part of the script that draws charts with Chart.js.
enum ReportChartScript {
    static let text = #"""
        (() => {
          if (typeof Chart === 'undefined') return;
          document.documentElement.classList.add('script');
          const { models, seeds, best, lines, decoding, tasks, variants } = JSON.parse(document.getElementById('data').textContent);
          const look = Object.fromEntries(models.map(item => [item.look.model, item.look]));
          const many = models.length > 6;
          const charts = [];

          const three = x => x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2);
          const scaled = (x, base, units) => {
            let i = 0;
            while (x >= base * 0.9995 && i + 1 < units.length) { x /= base; i++; }
            return (Number.isInteger(x) ? String(x) : three(x)) + units[i];
          };
          const count = x => scaled(x, 1000, ['', 'k', 'M', 'G', 'T', 'P', 'E']);
          const bytes = x => scaled(x, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB']);
          const length = x => x >= 1024 && x % 1024 === 0 ? x / 1024 + 'k' : String(x);
          const time = s => s < 60 ? three(s) + ' s' : s < 3600
            ? Math.floor(s / 60) + ' min ' + Math.round(s % 60) + ' s' : (s / 3600).toFixed(1) + ' h';

          Object.assign(Chart.defaults.font, { family: getComputedStyle(document.body).fontFamily, size: 12.5 });
          Chart.defaults.color = '#5a6675';
          const ink = '#1b2430', grid = '#e6eaee';
          // The model that is pointed at or has the keyboard; the others step back.
          let focused = null;
          const shade = (colour, share) => colour + Math.round(share * 255).toString(16).padStart(2, '0');
          const strength = model => focused === null || model === undefined || focused === model ? 1 : 0.13;

          function dataset(model, points, extra) {
            const style = look[model];
            // About eight marks on a line, whatever its length; a cross where a run failed.
            const every = Math.max(1, Math.round(points.length / 8));
            const failed = index => extra.failed && index === points.length - 1;
            const colour = () => shade(style.colour, strength(model));
            return {
              model, clip: { left: 8, top: 0, right: 8, bottom: 8 }, data: points, borderColor: colour, backgroundColor: colour,
              borderDash: style.dash, borderWidth: () => (extra.width ?? (many ? 1.5 : 2)) * (focused === model ? 2 : 1),
              pointStyle: ({ dataIndex: i }) => failed(i) ? 'crossRot'
                : style.shape === 'triangleDown' ? 'triangle' : style.shape,
              pointRotation: ({ dataIndex: i }) => !failed(i) && style.shape === 'triangleDown' ? 180 : 0,
              pointRadius: ({ dataIndex: i }) => failed(i) ? 7 : points.length < 12 || (i + style.index) % every === 0
                || i === points.length - 1 ? (many ? 3.5 : 4.5) : 0,
              pointBorderWidth: ({ dataIndex: i }) => failed(i) ? 3 : 1,
              pointHoverRadius: 6, label: extra.label ?? model, band: extra.band,
            };
          }
          // From the lowest seed to the highest, under the lines.
          const bands = { id: 'bands', beforeDatasetsDraw(chart) {
            const { ctx, chartArea: area, scales: { x, y } } = chart;
            ctx.save();
            ctx.beginPath(); ctx.rect(area.left, area.top, area.width, area.height); ctx.clip();
            chart.data.datasets.forEach((set, i) => {
              if (!set.band || !chart.isDatasetVisible(i)) return;
              ctx.beginPath();
              set.band.forEach(({ x: px, high }) => ctx.lineTo(x.getPixelForValue(px), y.getPixelForValue(high)));
              [...set.band].reverse().forEach(({ x: px, low }) => ctx.lineTo(x.getPixelForValue(px), y.getPixelForValue(low)));
              ctx.fillStyle = shade(look[set.model].colour, (many ? 0.1 : 0.16) * strength(set.model));
              ctx.fill();
            });
            ctx.restore();
          } };
          // Names beside the ends of the lines, moved apart, as long as there is room for all of them.
          const names = { id: 'names', afterDatasetsDraw(chart) {
            if (!chart.options.named) return;
            const { ctx, chartArea: area } = chart, space = 14;
            const ends = chart.data.datasets.flatMap((set, i) => {
              const point = chart.getDatasetMeta(i).data.at(-1);
              return set.model && point && chart.isDatasetVisible(i) && !set.failed
                ? [{ model: set.model, x: point.x, y: Math.min(Math.max(point.y, area.top), area.bottom) }] : [];
            }).sort((a, b) => a.y - b.y);
            if (ends.length * space > area.height + space) return;
            let next = area.top + 4;
            ends.forEach(end => { end.at = Math.max(end.y, next); next = end.at + space; });
            let last = area.bottom;
            [...ends].reverse().forEach(end => { end.at = Math.min(end.at, last); last = end.at - space; });
            ctx.save();
            ctx.font = '12px ' + Chart.defaults.font.family;
            ctx.textBaseline = 'middle';
            for (const end of ends) {
              const style = look[end.model], left = area.right + 30;
              ctx.globalAlpha = strength(end.model);
              ctx.strokeStyle = shade(style.colour, 0.55); ctx.lineWidth = 1;
              ctx.beginPath(); ctx.moveTo(end.x + 5, end.y); ctx.lineTo(Math.max(end.x + 5, area.right + 6), end.y);
              ctx.lineTo(left - 10, end.at); ctx.stroke();
              ctx.fillStyle = style.colour;
              Chart.helpers.drawPoint(ctx, { pointStyle: style.shape === 'triangleDown' ? 'triangle' : style.shape,
                rotation: style.shape === 'triangleDown' ? 180 : 0, radius: 4, borderWidth: 0 }, left - 4, end.at);
              ctx.fillStyle = ink;
              ctx.fillText(end.model, left + 4, end.at);
            }
            ctx.restore();
          } };
          function axis(title, more) {
            return { title: { display: true, text: title, color: ink }, grid: { color: grid, borderColor: '#a9b2bd' },
              ...more };
          }
          function draw(id, datasets, x, y, describe, more) {
            const canvas = document.getElementById(id);
            if (!canvas || datasets.length === 0) return null;
            const chart = new Chart(canvas, {
              type: 'line', data: { datasets }, plugins: [bands, names],
              options: {
                animation: false, maintainAspectRatio: false, parsing: false,
                interaction: { mode: 'nearest', intersect: false }, scales: { x, y },
                layout: { padding: { top: 8, right: more?.room ?? 14 } }, named: more?.room !== undefined,
                plugins: { legend: { display: false },
                  tooltip: { filter: item => item.dataset.model !== undefined, backgroundColor: ink, usePointStyle: true,
                    callbacks: { title: items => items.map(item => item.dataset.label), label: describe } } },
              },
            });
            charts.push(chart);
            return chart;
          }

          // Learning: what training cost goes across, in one of three units.
          const units = {
            tokens: { title: 'training tokens', show: x => count(x) + ' tokens', of: line => line.tokens },
            operations: { title: 'training operations', show: x => count(x) + ' operations',
              of: line => line.operations == null ? [] : line.tokens.map(x => x * line.operations) },
            seconds: { title: 'seconds of training', show: time, of: line => line.seconds },
          };
          const tick = x => x < 1000 ? String(+x.toPrecision(3)) : count(x);
          function learning(unit, isLogarithmic) {
            const { title, of, show } = units[unit];
            const drawn = lines.filter(line => of(line).length === line.tokens.length);
            if (!drawn.length) return null;
            const end = Math.max(...drawn.map(line => of(line).at(-1))), last = Math.max(...drawn.map(line => line.tokens.at(-1)));
            // The first steps fall from 8 bits and would squeeze all that matters into the lowest tenth of the frame.
            const tops = drawn.flatMap(line => isLogarithmic ? line.bits : line.bits.filter((y, i) => line.tokens[i] >= last * 0.1));
            if (!tops.length) tops.push(...drawn.flatMap(line => line.bits));
            const lows = drawn.flatMap(line => line.low.length ? line.low : line.bits).concat(best == null ? [] : [best]);
            const low = Math.min(...lows), high = Math.max(...tops), margin = Math.max((high - low) * 0.06, 0.02);
            const sets = drawn.map(line => {
              const across = of(line);
              const name = line.failed ? line.model + ', failed' : line.seeds > 1 ? line.model + ', mean of ' + line.seeds + ' seeds' : line.model;
              const set = dataset(line.model, line.bits.map((y, i) => ({ x: across[i], y })), { failed: line.failed, label: name,
                width: line.failed ? 1.2 : undefined,
                band: line.low.length ? across.map((x, i) => ({ x, low: line.low[i], high: line.high[i] })) : undefined });
              set.failed = line.failed;
              return set;
            });
            if (best != null) sets.push({
              data: [{ x: 0, y: best }, { x: end, y: best }], borderColor: ink, borderWidth: 1.2, borderDash: [4, 4],
              pointRadius: 0, pointHoverRadius: 0, label: 'best possible' });
            const fine = high - low < 0.5 ? 2 : 1;
            return { sets, show,
              x: axis(title, { type: 'linear', min: 0, max: end, ticks: { callback: tick, maxTicksLimit: 8, includeBounds: false } }),
              y: axis('bits per byte', isLogarithmic
                ? { type: 'logarithmic', min: Math.max(low * 0.97, 0.01), max: high * 1.03, afterBuildTicks: scale => {
                    const ratio = scale.max / scale.min, ticks = [];
                    const step = ratio > 4 ? 1 : ratio > 2 ? 0.5 : ratio > 1.4 ? 0.2 : 0.05;
                    for (let value = Math.ceil(scale.min / step) * step; value <= scale.max; value += step) ticks.push({ value });
                    scale.ticks = ticks; }, ticks: { callback: value => +value.toFixed(2) } }
                : { type: 'linear', min: Math.max(0, low - margin), max: high + margin,
                    ticks: { includeBounds: false, callback: value => value.toFixed(fine) } }) };
          }
          const text = document.createElement('canvas').getContext('2d');
          text.font = '12px ' + Chart.defaults.font.family;
          const room = 48 + Math.ceil(Math.max(0, ...models.map(item => text.measureText(item.look.model).width)));
          const frame = document.getElementById('chart-learning')?.parentElement;
          if (frame) frame.style.height = Math.max(360, models.length * 14 + 90) + 'px';
          let plan = learning('tokens', false);
          const learningChart = plan && draw('chart-learning', plan.sets, plan.x, plan.y,
            item => item.parsed.y.toFixed(3) + ' bits/byte after ' + plan.show(item.parsed.x), { room });
          const chosen = name => document.querySelector('.choices input[name=' + name + ']:checked').value;
          document.querySelectorAll('.choices input').forEach(input => input.addEventListener('change', () => {
            const next = learning(chosen('across'), chosen('up') === 'logarithmic');
            if (!next || !learningChart) return;
            plan = next;
            learningChart.data.datasets = plan.sets;
            learningChart.options.scales = { x: plan.x, y: plan.y };
            learningChart.update();
            refresh();
          }));

          // Seeds differ in their figures only by noise of the clock: one line for each model, their mean.
          const contexts = [...new Set(decoding.flatMap(item => item.contexts))].sort((a, b) => a - b);
          const means = field => decoding.map(item => dataset(item.model, item.contexts.flatMap((x, i) =>
            item[field][i] > 0 ? [{ x, y: item[field][i] }] : []), {})).filter(set => set.data.length > 0);
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
          const speed = means('speed'), state = means('state'), rates = speed.flatMap(set => set.data.map(point => point.y));
          draw('chart-decode', speed, axis('context, tokens already read', atContexts),
            axis('new tokens a second', { type: 'logarithmic', ...around(speed, 1.5),
              afterBuildTicks: powers(Math.max(...rates) > 30 * Math.min(...rates) ? 10 : 2), ticks: { callback: count } }),
            item => three(item.parsed.y) + ' tokens/s at ' + length(item.parsed.x), many ? { room } : undefined);
          draw('chart-state', state, axis('context, tokens already read', atContexts),
            axis('bytes of state', { type: 'logarithmic', ...around(state, 1.6), afterBuildTicks: powers(4),
              ticks: { callback: bytes } }),
            item => bytes(item.parsed.y) + ' at ' + length(item.parsed.x), many ? { room } : undefined);

        \#(taskCharts)
        \#(variants)
          // The legend: a click hides or shows, a family at once too; the mouse over a name or the keyboard on it brings its line out.
          const toggles = [...document.querySelectorAll('.legend button[data-model]')];
          const isShown = button => button.getAttribute('aria-pressed') === 'true';
          function refresh() {
            const visible = new Set(toggles.filter(isShown).map(button => button.dataset.model));
            for (const chart of charts) {
              chart.data.datasets.forEach((set, i) =>
                chart.setDatasetVisibility(i, set.model === undefined || visible.has(set.model)));
              chart.update();
            }
          }
          function show(chosen) {
            toggles.map(button => [button, chosen(button)]).forEach(([button, on]) => button.setAttribute('aria-pressed', on));
            refresh();
          }
          function bringOut(model) {
            if (focused === model) return;
            focused = model;
            charts.forEach(chart => chart.update());
          }
          toggles.forEach(button => {
            button.addEventListener('click', () => show(other => other === button ? !isShown(button) : isShown(other)));
            button.addEventListener('mouseenter', () => bringOut(button.dataset.model));
            button.addEventListener('mouseleave', () => bringOut(null));
            button.addEventListener('focus', () => button.matches(':focus-visible') && bringOut(button.dataset.model));
            button.addEventListener('blur', () => bringOut(null));
          });
          document.querySelectorAll('.legend .family').forEach(button => button.addEventListener('click', () => {
            const own = toggles.filter(other => other.parentElement === button.parentElement), on = !own.some(isShown);
            show(other => own.includes(other) ? on : isShown(other));
          }));
          document.querySelectorAll('.legend button[data-show]').forEach(button =>
            button.addEventListener('click', () => show(() => button.dataset.show === 'all')));

          // On paper the learning curves take the width of a page, and two charts share it. (A canvas is printed as it was drawn.)
          const tall = frame ? parseFloat(frame.style.height) : 0;
          addEventListener('beforeprint', () => charts.forEach(chart =>
            chart === learningChart ? chart.resize(700, Math.max(380, tall)) : chart.resize(many ? 700 : 344, many ? Math.max(380, models.length * 14 + 90) : 260)));
          addEventListener('afterprint', () => charts.forEach(chart => chart.resize()));
        })();
        """#
}
