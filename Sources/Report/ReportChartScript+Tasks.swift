extension ReportChartScript {
    /// The charts of tasks: accuracy against length, over training, document by document, against bytes of state. Part of `text`, whose helpers it uses.
    static let taskCharts = #"""
          // Tasks: chance is dashed in every chart.
          tasks.forEach((task, index) => {
            const accuracy = { min: 0, max: 1.02, ticks: { includeBounds: false, stepSize: 0.2, callback: value => value.toFixed(1) } };
            const straight = (points, dash, label) => ({ data: points, borderColor: ink, borderWidth: 1.2, borderDash: dash, pointRadius: 0,
              pointHoverRadius: 0, label });
            const chance = (from, to) => straight([{ x: from, y: task.chance }, { x: to, y: task.chance }], [4, 4], 'chance');
            const percent = value => (100 * value).toFixed(1) + ' %';
            const all = task.lines.flatMap(line => line.points);
            const lengths = [...new Set(all.map(point => point.length))].sort((a, b) => a - b);

            if (lengths.length > 0) {
              const low = Math.min(lengths[0], task.learned) / 1.15, high = Math.max(lengths.at(-1), task.learned) * 1.15;
              draw('chart-task-length-' + index, task.lines.filter(line => line.points.length > 0).map(line =>
                dataset(line.model, line.points.map(point => ({ x: point.length, y: point.accuracy })), {})).concat(chance(low, high),
                straight([{ x: task.learned, y: 0 }, { x: task.learned, y: 1.02 }], [1, 3], 'learned')),
                axis('tokens of a row', { type: 'logarithmic', min: low, max: high, ticks: { callback: length, maxRotation: 0 },
                  afterBuildTicks: scale => { scale.ticks = lengths.map(value => ({ value })); } }),
                axis('accuracy', accuracy), item => percent(item.parsed.y) + ' at ' + length(item.parsed.x));
            }

            if (task.runs.length > 0) {
              const last = Math.max(...task.runs.map(run => run.steps.at(-1)));
              draw('chart-task-steps-' + index, task.runs.map(run =>
                dataset(run.model, run.steps.map((x, i) => ({ x, y: run.accuracies[i] })), { failed: run.failed,
                  width: seeds > 1 ? 1.3 : undefined, label: seeds > 1 ? run.model + ', seed ' + run.seed : run.model })).concat(chance(0, last)),
                axis('steps', { type: 'linear', min: 0, max: last, ticks: { callback: count, maxTicksLimit: 8, includeBounds: false } }),
                axis('accuracy', accuracy), item => percent(item.parsed.y) + ' after ' + item.parsed.x + ' steps');
            }

            const readers = task.lines.filter(line => line.documents.length > 0);
            if (readers.length > 0) {
              const numbers = readers.flatMap(line => line.documents.map(figure => figure.document));
              const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
              const read = (field, how, width) => readers.map(line => dataset(line.model,
                line.documents.map(figure => ({ x: figure.document, y: figure[field] })), { width, label: line.model + how }));
              draw('chart-task-documents-' + index, read('carried', ', with those before').concat(read('fresh', ', alone', 0.8), chance(first, last)),
                axis('document of the stream', { type: 'linear', min: first, max: last, ticks: { precision: 0, includeBounds: false } }),
                axis('accuracy', accuracy), item => percent(item.parsed.y) + ' in document ' + item.parsed.x);
            }

            const states = all.flatMap(point => point.state ? [point.state] : []);
            if (states.length > 0) {
              const [least, most] = [Math.min(...states) / 1.6, Math.max(...states) * 1.6];
              draw('chart-task-memory-' + index, task.lines.filter(line => line.points.some(point => point.state)).map(line =>
                dataset(line.model, line.points.filter(point => point.state).map(point => ({ x: point.state, y: point.accuracy, length: point.length })), {}))
                .concat(chance(least, most)),
                axis('bytes of state', { type: 'logarithmic', min: least, max: most, afterBuildTicks: powers(4), ticks: { callback: bytes } }),
                axis('accuracy', accuracy), item => percent(item.parsed.y) + ' with ' + bytes(item.parsed.x) + ' at ' + length(item.raw.length));
            }
          });

        """#
}
