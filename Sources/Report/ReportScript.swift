/// The script of the report: sorts tables and, where Chart.js is in the page, draws the charts from the JSON in it.
enum ReportScript {
    static let text = tables + ReportChartScript.text

    private static let tables = #"""
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
              // What failed comes last, then what has no such figure, whatever the direction.
              rows.map(row => [key(row, column), row]).sort(([a, one], [b, other]) =>
                (one.hasAttribute('data-failed') - other.hasAttribute('data-failed'))
                || (a === null ? (b === null ? 0 : 1) : b === null ? -1 : direction * compare(a, b))
              ).forEach(([, row]) => body.append(row));
            }
          }

          // On paper everything is open.
          let opened = [];
          addEventListener('beforeprint', () => {
            opened = [...document.querySelectorAll('details:not([open]):not(.inner)')];
            opened.forEach(item => item.open = true);
          });
          addEventListener('afterprint', () => opened.forEach(item => item.open = false));
        })();

        """#
}
