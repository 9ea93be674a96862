/// The script of a scaling page: draws the charts whose series are in the page, where Chart.js is.
enum ScalingScript {
    static let text = #"""
        'use strict';
        (() => {
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
          const data = JSON.parse(document.getElementById('data').textContent);
          Object.assign(Chart.defaults.font, { family: getComputedStyle(document.body).fontFamily, size: 12.5 });
          Chart.defaults.color = '#5a6675';
          const ink = '#1b2430', grid = '#e6eaee';

          const three = x => Math.abs(x) >= 100 ? x.toFixed(0) : Math.abs(x) >= 10 ? x.toFixed(1) : x.toFixed(2);
          const scaled = x => {
            let i = 0;
            while (x >= 999.5 && i < 4) { x /= 1000; i++; }
            return (Math.abs(x - Math.round(x)) < 1e-9 ? String(Math.round(x)) : three(x)) + ['', 'k', 'M', 'G', 'T'][i];
          };
          const raised = n => String(n).replace(/[-0-9]/g, c => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(c)]);
          const power = x => {
            const n = Math.floor(Math.log10(x) + 1e-9), m = x / 10 ** n;
            return (m > 1.05 ? +m.toFixed(1) + ' · ' : '') + '10' + raised(n);
          };
          const formats = { count: scaled, operations: power, loss: x => x.toFixed(3), percent: x => x.toFixed(2),
            seconds: s => s < 60 ? three(s) + ' s' : s < 3600 ? three(s / 60) + ' min' : three(s / 3600) + ' h' };

          // Ticks at round numbers, so few that they can be read.
          const rounded = scale => {
            const decades = Math.log10(scale.max / scale.min), ticks = [];
            const steps = decades > 6 ? [1] : decades > 2.2 ? [1, 3] : [1, 2, 3, 5, 7];
            for (let k = Math.floor(Math.log10(scale.min)); k <= Math.log10(scale.max); k++)
              for (const step of steps) {
                const value = step * 10 ** k;
                if (value >= scale.min * 0.999 && value <= scale.max * 1.001) ticks.push({ value });
              }
            scale.ticks = ticks.length > 1 ? ticks
              : [scale.min, Math.sqrt(scale.min * scale.max), scale.max].map(value => ({ value }));
          };
          function axis(spec, values) {
            const low = Math.min(...values), high = Math.max(...values);
            const base = { title: { display: true, text: spec.title, color: ink }, grid: { color: grid, borderColor: '#a9b2bd' } };
            const short = spec.format === 'loss' && high - low > 0.05 ? x => x.toFixed(2) : formats[spec.format];
            if (spec.log) {
              const room = Math.max((high / low) ** 0.05, 1.02);
              return { ...base, type: 'logarithmic', min: low / room, max: high * room, afterBuildTicks: rounded,
                ticks: { callback: short, maxRotation: 0 } };
            }
            const room = Math.max((high - low) * 0.08, Math.abs(high) * 1e-4, 1e-9);
            return { ...base, type: 'linear', min: low - room, max: high + room,
              ticks: { callback: short, includeBounds: false, maxTicksLimit: 8 } };
          }
          for (const spec of data.charts) {
            const canvas = document.getElementById('chart-' + spec.id);
            if (!canvas || spec.series.length === 0) continue;
            const datasets = [];
            for (const item of spec.series) {
              const down = item.shape === 'triangleDown';
              datasets.push({ label: item.label, data: item.points.map(([x, y]) => ({ x, y })), borderColor: item.colour,
                backgroundColor: item.colour, showLine: item.dash !== undefined, borderDash: item.dash ?? [], borderWidth: 2,
                pointStyle: down ? 'triangle' : item.shape || 'circle', pointRotation: down ? 180 : 0,
                pointRadius: item.shape ? (item.shape === 'crossRot' ? 7 : 4.5) : 0, pointHoverRadius: item.shape ? 6 : 0,
                pointBorderWidth: item.shape === 'crossRot' ? 3 : 1 });
              item.bars.forEach(([low, high], i) => {
                const x = item.points[i][0];
                datasets.push({ label: '', data: [{ x, y: low }, { x, y: high }], borderColor: item.colour, borderWidth: 1.5,
                  pointStyle: 'line', pointRadius: 4, pointHoverRadius: 4 });
              });
            }
            const all = datasets.flatMap(set => set.data);
            // A bar that reaches far would squeeze what was measured: axes show the points, and a bar as far as that.
            const marks = spec.series.flatMap(item => item.points);
            const within = all.filter(p => !spec.y.log || p.y > Math.min(...marks.map(m => m[1])) / 10
              && p.y < Math.max(...marks.map(m => m[1])) * 10);
            charts.push(new Chart(canvas, {
              type: 'line', data: { datasets },
              options: {
                animation: false, maintainAspectRatio: false, parsing: false, normalized: false,
                interaction: { mode: 'nearest', intersect: true }, layout: { padding: { top: 8, right: 14 } },
                scales: { x: axis(spec.x, all.map(p => p.x)), y: axis(spec.y, within.map(p => p.y)) },
                plugins: {
                  legend: { position: 'bottom', onClick: null, labels: { usePointStyle: true, boxHeight: 8,
                    filter: item => item.text !== '' } },
                  tooltip: { filter: item => item.dataset.label !== '', backgroundColor: ink, usePointStyle: true,
                    callbacks: { title: () => '', label: item => item.dataset.label + ': '
                      + formats[spec.y.format](item.parsed.y) + ' at ' + formats[spec.x.format](item.parsed.x) } },
                },
              },
            }));
          }
        })();
        """#
}
