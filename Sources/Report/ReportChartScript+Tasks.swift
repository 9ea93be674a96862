extension ReportChartScript {
    /// The charts of tasks: accuracy against length, over training, and against bytes of state. Part of `text`, whose helpers it uses.
    static let tasks = #"""
          const looks = models.map(item => item.look);
          const named = row => ({ failed: row.status !== 'ok', width: seeds > 1 ? 1.3 : undefined,
            label: seeds > 1 ? row.model + ', seed ' + row.seed : row.model });
          const taskNames = [...new Set(onTasks.map(row => row.task.specification))];
          taskNames.forEach((name, index) => {
            const rows = onTasks.filter(row => row.task.specification === name && row.status === 'ok');
            if (rows.length === 0) return;
            const task = rows[0].task;
            const average = values => values.reduce((a, b) => a + b, 0) / values.length;
            const lengths = [...new Set(rows.flatMap(row => row.task.lengths.map(figure => figure.length)))].sort((a, b) => a - b);
            const at = (model, length, field) => rows.filter(row => row.model === model)
              .flatMap(row => row.task.lengths.filter(figure => figure.length === length).map(figure => figure[field]))
              .filter(value => value !== null && value !== undefined);
            const accuracy = { min: 0, max: 1.02, ticks: { includeBounds: false, stepSize: 0.2, callback: value => value.toFixed(1) } };
            const line = (points, dash, label) => ({ data: points, borderColor: ink, borderWidth: 1.2, borderDash: dash, pointRadius: 0,
              pointHoverRadius: 0, label });
            const chance = (from, to) => line([{ x: from, y: task.chance }, { x: to, y: task.chance }], [4, 4], 'chance');
            const percent = value => (100 * value).toFixed(1) + ' %';

            const low = Math.min(lengths[0], task.train_length) / 1.15, high = Math.max(lengths.at(-1), task.train_length) * 1.15;
            draw('chart-task-length-' + index, looks.map(({ model }) => dataset(model, lengths.flatMap(length => {
              const values = at(model, length, 'accuracy');
              return values.length ? [{ x: length, y: average(values) }] : [];
            }), {})).filter(set => set.data.length > 0).concat(chance(low, high),
              line([{ x: task.train_length, y: 0 }, { x: task.train_length, y: 1.02 }], [1, 3], 'learned')),
              axis('tokens of a row', { type: 'logarithmic', min: low, max: high, ticks: { callback: length, maxRotation: 0 },
                afterBuildTicks: scale => { scale.ticks = lengths.map(value => ({ value })); } }),
              axis('accuracy', accuracy), item => percent(item.parsed.y) + ' at ' + length(item.parsed.x));

            const last = Math.max(...rows.flatMap(row => row.task.curve.map(point => point.step)));
            draw('chart-task-steps-' + index, rows.filter(row => row.task.curve.length > 0).map(row =>
              dataset(row.model, row.task.curve.map(point => ({ x: point.step, y: point.accuracy })), named(row)))
              .concat(chance(0, last)),
              axis('steps', { type: 'linear', min: 0, max: last, ticks: { callback: count, maxTicksLimit: 8, includeBounds: false } }),
              axis('accuracy', accuracy), item => percent(item.parsed.y) + ' after ' + item.parsed.x + ' steps');

            const documents = [...new Set(rows.flatMap(row => row.task.documents.map(figure => figure.document)))].sort((a, b) => a - b);
            const read = (field, extra) => looks.map(({ model }) => dataset(model, documents.flatMap(document => {
              const values = rows.filter(row => row.model === model)
                .flatMap(row => row.task.documents.filter(figure => figure.document === document).map(figure => figure[field]));
              return values.length ? [{ x: document, y: average(values) }] : [];
            }), { ...extra, label: model + (field === 'fresh' ? ', alone' : ', with those before') })).filter(set => set.data.length > 0);
            if (documents.length > 0) draw('chart-task-documents-' + index, read('carried', {}).concat(read('fresh', { width: 0.8 }),
              chance(documents[0], documents.at(-1))),
              axis('document of the stream', { type: 'linear', min: documents[0], max: documents.at(-1), ticks: { precision: 0, includeBounds: false } }),
              axis('accuracy', accuracy), item => percent(item.parsed.y) + ' in document ' + item.parsed.x);

            const memory = looks.map(({ model }) => dataset(model, lengths.flatMap(length => {
              const [right, state] = [at(model, length, 'accuracy'), at(model, length, 'state_bytes')];
              return right.length && state.length ? [{ x: Math.max(...state), y: average(right), length }] : [];
            }), {})).filter(set => set.data.length > 0);
            const states = memory.flatMap(set => set.data.map(point => point.x));
            if (states.length === 0) return;
            const [least, most] = [Math.min(...states) / 1.6, Math.max(...states) * 1.6];
            draw('chart-task-memory-' + index, memory.concat(chance(least, most)),
              axis('bytes of state', { type: 'logarithmic', min: least, max: most, afterBuildTicks: powers(4), ticks: { callback: bytes } }),
              axis('accuracy', accuracy),
              item => percent(item.parsed.y) + ' with ' + bytes(item.parsed.x) + ' at ' + length(item.raw.length));
          });

        """#
}
