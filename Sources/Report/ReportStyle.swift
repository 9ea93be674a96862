/// The style sheet of the report. System fonts only: the page fetches nothing.
enum ReportStyle {
    static let text = """
        :root { --ink: #1b2430; --soft: #5a6675; --line: #d9dee5; --faint: #f4f6f8; --paper: #fff; --accent: #0b5a8f;
          --bad: #a33a00; --good: #00664a; color-scheme: light; }
        * { box-sizing: border-box; }
        html { background: #eef1f4; }
        body { margin: 0; color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
          font-variant-numeric: tabular-nums; }
        .page { max-width: 1280px; margin: 0 auto; padding: 0 22px 48px; background: var(--paper);
          border: 1px solid var(--line); border-top: 4px solid var(--accent); }
        .skip { position: absolute; left: -999px; } .skip:focus { left: 8px; top: 8px; background: var(--paper); padding: 8px; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        header { padding: 26px 0 6px; }
        .kicker { margin: 0; color: var(--soft); font-size: 13px; letter-spacing: .06em; text-transform: uppercase; }
        h1 { font-size: 27px; line-height: 1.2; margin: 2px 0 16px; letter-spacing: -.01em; }
        h2 { font-size: 19px; margin: 36px 0 4px; padding-top: 8px; }
        h3 { font-size: 15px; margin: 0; }
        p { margin: 6px 0; } .soft { color: var(--soft); } .small { font-size: 13px; }
        .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 0; margin: 0;
          border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
        .facts > div { padding: 10px 14px; box-shadow: 1px 1px 0 var(--line); background: var(--faint); }
        .facts dt { font-size: 12px; color: var(--soft); } .facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
        .facts dd span { display: block; font-weight: 400; font-size: 13px; color: var(--soft); }
        .scroll { overflow-x: auto; margin: 10px 0; }
        table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
        th, td { padding: 6px 7px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
        th { font-weight: 600; vertical-align: bottom; } thead tr:last-child > *, thead [rowspan] { border-bottom: 2px solid var(--ink); } thead th { font-size: 12.5px; }
        thead tr:nth-child(2) th { font-weight: 400; color: var(--soft); padding-top: 2px; }
        thead th small, .unit { display: block; font-weight: 400; color: var(--soft); font-size: 12px; }
        .left { text-align: left; } .wrap { white-space: normal; overflow-wrap: anywhere; } tbody th { text-align: left; vertical-align: middle; }
        tbody tr:hover td, tbody tr:hover th[scope=row] { background: var(--faint); }
        tr.kind th { background: var(--faint); color: var(--soft); font-size: 12px; letter-spacing: .04em;
          text-transform: uppercase; padding-top: 10px; }
        td.strong { font-weight: 650; } td .minor { color: var(--soft); font-weight: 400; }
        .sort { all: unset; cursor: pointer; } .sort:focus-visible { outline: 3px solid var(--accent); }
        thead th { position: relative; } th.group { text-align: center; border-bottom: 1px solid var(--line); padding-bottom: 2px; }
        th .unit { display: inline; }
        .sort::after { content: ""; position: absolute; bottom: 7px; right: 0; width: 8px; font-size: 9px; }
        th.left .sort::after { position: static; padding-left: 4px; }
        .sort:hover::after { content: "▿"; }
        [aria-sort=ascending] .sort::after { content: "▲"; } [aria-sort=descending] .sort::after { content: "▼"; }
        .sort:hover { text-decoration: underline; }
        .task { margin-top: 30px; font-size: 16.5px; }
        .heat { text-align: center; } .heat small { display: block; font-size: 11px; opacity: .85; } .heatmap th[scope=col] { text-align: center; }
        .heatmap, .heatscale { width: auto; } .heatmap td { min-width: 92px; } .heatscale td { padding: 1px 9px; font-size: 12px; border: 0; }
        .heat0 { background: #f7fbff; } .heat1 { background: #e7f1fa; } .heat2 { background: #d6e6f4; } .heat3 { background: #c0d9ec; }
        .heat4 { background: #a3cae3; } .heat5 { background: #7fb4d7; } .heat6 { background: #5a9dc9; }
        .heat7 { background: #3278ae; color: #fff; } .heat8 { background: #2668a3; color: #fff; } .heat9 { background: #14508a; color: #fff; }
        .heat10 { background: #08306b; color: #fff; }
        .swatch { vertical-align: -1px; margin-right: 7px; }
        .results { font-size: 13px; } .results th, .results td { padding: 6px 5px; } .results .status { padding: 0 6px; }
        .dense { font-size: 11.5px; } .dense th, .dense td, .dense thead th { padding: 3px 2px; font-size: 11.5px; }
        .interval { display: block; } .interval .axis { stroke: var(--line); } .interval .best { stroke: var(--ink);
          stroke-dasharray: 2 2; }
        .status { display: inline-block; border-radius: 10px; padding: 0 9px; font-size: 12.5px; border: 1px solid; }
        .status.ok { color: var(--good); border-color: #9fd3c2; } .status.bad { color: var(--bad); border-color: #e9b79c;
          background: #fdf3ed; }
        .notes { margin: 8px 0 0; padding-left: 18px; color: var(--soft); font-size: 13.5px; }
        .details { color: var(--ink); overflow-wrap: anywhere; }
        .charts { display: none; grid-template-columns: 1fr 1fr; gap: 18px; margin-top: 12px; }
        .script .charts { display: grid; }
        figure { margin: 0; border: 1px solid var(--line); border-radius: 6px; padding: 12px 14px 8px; min-width: 0; }
        figcaption p { margin: 0 0 6px; } .frame { position: relative; height: 300px; } .tall .frame { height: 400px; }
        nav { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 12px 0 0; font-size: 14px; } a { color: var(--accent); }
        .findings { margin: 8px 0; padding-left: 18px; } .findings li { margin: 3px 0; max-width: 110ch; }
        .legend { display: none; flex-wrap: wrap; gap: 5px 16px; margin: 8px 0 12px; padding: 8px 0; background: var(--paper);
          border-bottom: 1px solid var(--line); }
        .script .legend { display: flex; position: sticky; top: 0; z-index: 1; }
        .legend > div { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; }
        .learning, .choices { display: none; } .script .learning { display: block; } .script .choices { display: flex; gap: 28px; }
        .choices fieldset { border: 0; padding: 0; margin: 0; display: flex; gap: 12px; align-items: baseline; font-size: 13.5px; }
        .choices legend { float: left; padding: 0; color: var(--soft); } .choices label { cursor: pointer; } .choices input { margin: 0 5px 0 0; accent-color: var(--accent); }
        .multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 10px; margin: 8px 0 14px; }
        .multiples figure { padding: 6px 8px 2px; } .multiples figcaption { font-weight: 600; font-size: 13.5px; } .tuning { display: block; }
        #tuning h3 { margin-top: 14px; }
        .legend button { font: inherit; font-size: 13px; padding: 1px 9px; border: 1px solid var(--line); cursor: pointer;
          border-radius: 14px; background: var(--paper); color: var(--ink); }
        .legend button:hover { border-color: var(--soft); }
        .legend button[aria-pressed=false] { color: var(--soft); text-decoration: line-through; background: var(--faint); }
        .legend button[aria-pressed=false] .swatch { opacity: .35; }
        .legend .plain { border-color: transparent; color: var(--accent); text-decoration: underline; padding: 3px 6px; }
        details.inner { border: 0; padding: 0; margin: 0; } .command { user-select: all; }
        .refined { margin-top: 14px; } .stages { list-style: none; margin: 0; padding: 0; display: grid; gap: 10px 18px;
          grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); }
        .stages pre { margin: 0; border: 0; padding: 4px 0; background: none; font-size: 12.5px; } .stages mark, .samples mark { background: #e3eef6; color: inherit; }
        ins { background: #ffe9b8; text-decoration: underline; text-decoration-thickness: 2px; text-underline-offset: 2px; text-decoration-color: #b36b00; } .unknown { color: #8a94a1; }
        details { margin: 8px 0; border: 1px solid var(--line); border-radius: 6px; padding: 0 12px; }
        summary { cursor: pointer; padding: 7px 0; font-weight: 600; font-size: 14px; }
        pre { background: var(--faint); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; margin: 8px 0;
          white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
        .samples { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 14px; margin-top: 10px; }
        .samples pre { margin: 0; max-height: 340px; overflow: auto; border: 0; padding: 8px 0; background: none; }
        .probes { display: grid; grid-template-columns: repeat(auto-fit, minmax(360px, 1fr)); gap: 14px; margin-top: 10px; }
        .probe { display: block; width: 100%; height: auto; max-width: 560px; margin: 4px 0; }
        .number { font-size: 22px; font-weight: 650; }
        .how { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 10px 0; font-size: 14px; }
        .how dt { color: var(--soft); } .how dd { margin: 0; overflow-wrap: anywhere; }
        code { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        .warning { border-left: 4px solid #E69F00; background: #fdf8ec; padding: 8px 12px; margin: 12px 0; }
        footer { margin-top: 36px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; }
        @media (max-width: 900px) { .page { padding: 0 14px 32px; } .charts, .script .charts { grid-template-columns: 1fr; }
          .probes { grid-template-columns: 1fr; }
          .how { grid-template-columns: 1fr; } .how dd { margin-bottom: 8px; } }
        @media print { html { background: none; } body { font-size: 10.5pt; } .page { border: 0; max-width: none; padding: 0; }
          .skip, nav, .choices, .legend .plain { display: none !important; } .legend { position: static !important; } .legend button[aria-pressed=false] { display: none; }
          .learning .frame { height: auto !important; } @page { size: A4; margin: 14mm 12mm; }
          .stages { grid-template-columns: 1fr 1fr 1fr; } .stages pre { font-size: 7.5pt; } .stages li { break-inside: avoid; } .samples { grid-template-columns: 1fr 1fr 1fr; } .samples pre { font-size: 7.5pt; }
          .multiples { grid-template-columns: repeat(4, 1fr); } .tuning { width: 100%; height: auto; } .multiples figure { break-inside: avoid; } .sort::after { content: none !important; }
          .charts, .script .charts { grid-template-columns: 1fr 1fr; gap: 10px; } .frame, .tall .frame { height: auto; }
          .facts { grid-template-columns: repeat(5, 1fr); } h1 { font-size: 19pt; } h2 { margin-top: 24px; }
          .how { grid-template-columns: max-content 1fr; } .how dd { margin: 0; }
          canvas { width: 100% !important; height: auto !important; } figure { padding: 8px 10px 4px; }
          figure:not(.refined), tr, .samples > *, .probes > * { break-inside: avoid; } h2, .legend, summary { break-after: avoid; }
          .charts.tall { grid-template-columns: 1fr !important; }
          table { font-size: 8.5pt; } th, td { padding: 3px 5px; } .scroll { overflow: visible; }
          .results { font-size: 6.6pt; } .results th, .results td { padding: 3px 2px; font-size: 6.6pt; } .results .status { font-size: 6.6pt; padding: 0 3px; }
          .results .interval { width: 56px; height: auto; } .results .swatch { margin-right: 3px; }
          .dense, .dense th, .dense td, .dense thead th { font-size: 5.4pt; padding: 2px 1px; } .dense .swatch { width: 8px; margin-right: 2px; }
          .samples pre { max-height: none; } }
        """
}
