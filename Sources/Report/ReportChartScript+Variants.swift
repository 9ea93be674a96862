extension ReportChartScript {
    /// Draws the charts of keys that were varied; inside of the script's function, before the legend.
    static let variants = #"""
        (variants ?? []).forEach((item, index) => {
            const line = (values, extra) => ({ ...dataset(item.model, values.flatMap((y, x) => y === null ? [] : [{ x, y }]), {}),
              pointRadius: 4.5, pointBackgroundColor: values.flatMap((y, x) => y === null ? [] : [item.trained[x] ? look[item.model].colour : '#fff']),
              pointBorderWidth: 2, borderDash: [], ...extra });
            const values = axis(item.key, { type: 'linear', min: -0.3, max: item.values.length - 0.7, grid: { display: false },
              afterBuildTicks: scale => { scale.ticks = item.values.map((_, value) => ({ value })); },
              ticks: { callback: value => item.values[value] ?? '', maxRotation: 0 } });
            const plain = (title, sets, more) => axis(title, { type: 'linear', grace: '8%', ticks: { maxTicksLimit: 7 }, ...more });
            const at = item_ => ' at ' + item.key + ' ' + item.values[item_.parsed.x];
            // What is known of the error, as a thin line through each point.
            const errors = item.bits.flatMap((y, x) => y === null || item.error[x] === null ? [] : [{ data:
              [{ x, y: y - item.error[x] }, { x, y: y + item.error[x] }], borderColor: look[item.model].colour, borderWidth: 1.2,
              pointRadius: 0, pointHoverRadius: 0, label: 'error' }]);
            if (item.bits.some(y => y !== null)) draw('variant-' + index + '-bits', [line(item.bits, {}), ...errors], values,
              plain('bits per byte'), i => i.parsed.y.toFixed(3) + ' bits/byte' + at(i));
            const truth = item.truth == null ? [] : [{ data: [{ x: -0.3, y: item.truth }, { x: item.values.length - 0.7, y: item.truth }],
              borderColor: ink, borderWidth: 1.2, borderDash: [4, 4], pointRadius: 0, pointHoverRadius: 0, label: 'true text' }];
            if (item.samples.some(y => y !== null)) draw('variant-' + index + '-samples', [line(item.samples, {}), ...truth], values,
              plain('bits per byte, judged'), i => i.parsed.y.toFixed(3) + ' bits/byte' + at(i));
            const speeds = [line(item.generate, { label: 'writing' }), line(item.score, { label: 'scoring', borderDash: [6, 4] })]
              .filter(set => set.data.length > 0);
            if (speeds.length) {
              const all = speeds.flatMap(set => set.data.map(point => point.y)).filter(y => y > 0);
              draw('variant-' + index + '-speed', speeds, values, axis('tokens a second', { type: 'logarithmic',
                ...around(speeds, 1.5), afterBuildTicks: powers(Math.max(...all) > 30 * Math.min(...all) ? 10 : 2),
                ticks: { callback: count } }), i => three(i.parsed.y) + ' tokens/s ' + i.dataset.label + at(i));
            }
          });
        """#
}
